//! What must be reached, beside what was measured.

use crate::figures::Figures;

/// A bound on one figure.
pub(crate) struct Requirement {
    pub(crate) what: &'static str,
    pub(crate) bound: Bound,
    /// How figure and bound are written.
    pub(crate) unit: &'static str,
    /// `None`: nobody has measured it yet.
    pub(crate) measured: Option<f64>,
    /// The program or bench that prints it.
    pub(crate) by: &'static str,
}

/// Where a bound is missed: what was tried, and why it is so. By what is required.
pub(crate) const TRIED: &[(&str, &str)] = &[(
    IN_FLIGHT,
    "With so many in flight no core sleeps, and latency is processor time: the client's thread is \
     always busy. A call of raw hyper is prebuilt and unsigned; ours is encoded, signed, read and \
     decoded, and has eight headers where raw hyper sends three. What signature and headers alone \
     take, raw hyper that signs shows, below; the rest is encoding, decoding and the client's \
     decisions, of which callgrind finds none above 3 % of a call. Tried without a gain that could be \
     told from noise: no look at an idle connection before it is used (a system call), no deadline of \
     the client's beside the transport's, member names written without looking for what to escape.",
)];

const IN_FLIGHT: &str = "512 calls in flight, p50 against raw hyper's";

#[derive(Clone, Copy)]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

impl Requirement {
    /// `holds`, or by how much it does not.
    pub(crate) fn verdict(&self) -> String {
        let Some(measured) = self.measured else {
            return "not measured".to_owned();
        };
        let (Bound::AtMost(bound) | Bound::AtLeast(bound)) = self.bound;
        match self.misses() {
            false => "holds".to_owned(),
            true => {
                let percent = (measured / bound - 1.0).abs() * 100.0;
                format!("**misses by {percent:.0} %**")
            }
        }
    }

    /// Whether it was measured, and is not as it should be.
    pub(crate) fn misses(&self) -> bool {
        self.measured.is_some_and(|measured| match self.bound {
            Bound::AtMost(bound) => measured > bound,
            Bound::AtLeast(bound) => measured < bound,
        })
    }
}

/// All of them.
pub(crate) fn all(figures: &Figures) -> Vec<Requirement> {
    let client = figures.build("client");
    let sdk = figures.build("official SDK");
    let call = figures.count("call");
    let p50 = |of: &str, to: &str| figures.ratio("p50", of, to);
    let cli = |what: &str| {
        figures.get(
            "startup",
            &format!("amplify-backend call list-s3-buckets, {what}"),
        )
    };
    let emulator = |name: &str| figures.get("emulator", name);
    let row = |what, bound, unit, measured, by| Requirement {
        what,
        bound,
        unit,
        measured,
        by,
    };
    let (most, least) = (Bound::AtMost, Bound::AtLeast);
    let mib = 1024.0 * 1024.0;
    let last_in_flight = figures.get("growth", "in flight, ratio, 512");
    let grown = figures.ratio(
        "growth",
        "calls made, last tenth / raw hyper",
        "calls made, first tenth / raw hyper",
    );
    let linear = figures.ratio("growth", "bucket, ours, 1000000", "bucket, ours, 1000");
    let bare_linear = figures.ratio(
        "growth",
        "bucket, serde_json, 1000000",
        "bucket, serde_json, 1000",
    );
    let linear = linear.zip(bare_linear).map(|(ours, bare)| ours / bare);
    let resources = ["get", "update", "list"].map(|name| {
        figures.ratio(
            "emulator",
            &format!("{name}, among 10,000"),
            &format!("{name}, among 10"),
        )
    });
    let resources = resources.into_iter().flatten().reduce(f64::max);
    let logged = figures.ratio(
        "emulator",
        "processor time, last tenth of a million",
        "processor time, first tenth of a million",
    );
    let by_connections = |server: &str| {
        let at = |connections| format!("processor time{server}, {connections}");
        figures.ratio("emulator", &at(1_000), &at(8))
    };
    let connections = by_connections("")
        .zip(by_connections(" of bare hyper"))
        .map(|(ours, bare)| ours / bare);
    vec![
        row(
            "crates in the client's tree, TLS included",
            most(80.0),
            "",
            client.map(|it| f64::from(it.crates)),
            "build-cost",
        ),
        row(
            "clean release build, processor time against the official SDK's",
            most(0.40),
            "",
            client
                .zip(sdk)
                .map(|(a, b)| a.processor_seconds / b.processor_seconds),
            "build-cost",
        ),
        row(
            "stripped program that makes one HTTPS call",
            most(3.6),
            "MB",
            client.map(|it| it.bytes / 1e6),
            "build-cost",
        ),
        row(
            "CreateBackendStorage on loopback, p50 against raw hyper's, a core each",
            most(1.15),
            "",
            p50("ours", "raw hyper"),
            "example p50",
        ),
        row(
            "allocations of that call, client and server",
            most(40.0),
            "",
            call.map(|it| count(it.allocations)),
            "counts",
        ),
        row(
            "bytes allocated for that call",
            most(17.0),
            "kB",
            call.map(|it| count(it.bytes) / 1e3),
            "counts",
        ),
        row(
            "instructions of that call",
            most(110.0),
            "k",
            call.and_then(|it| it.instructions)
                .map(|it| count(it) / 1e3),
            "counts",
        ),
        row(
            "signing, times as fast as aws-sigv4",
            least(5.0),
            "",
            figures.ratio("signing", "aws-sigv4, without token", "ours, without token"),
            "example signing",
        ),
        row(
            "client built and first call done",
            most(1.0),
            "ms",
            figures.get("p50", "ours, first call").map(|it| it * 1e3),
            "example p50",
        ),
        row(
            "program, one call to a local server",
            most(20.0),
            "ms",
            cli("wall").map(|it| it * 1e3),
            "conformance/clients/startup.py",
        ),
        row(
            "its memory",
            most(15.0),
            "MB",
            cli("resident").map(|it| it / 1e6),
            "conformance/clients/startup.py",
        ),
        row(
            "emulator, times as many requests a second as moto's S3",
            least(100.0),
            "",
            figures.ratio(
                "emulator",
                "beside moto, requests a second",
                "moto, requests a second",
            ),
            "moto.sh",
        ),
        row(
            "emulator, memory when idle",
            most(12.0),
            "MiB",
            emulator("resident, idle").map(|it| it / mib),
            "example emulator_load",
        ),
        row(IN_FLIGHT, most(1.15), "", last_in_flight, "example growth"),
        row(
            "last tenth of 200,000 calls against the first, p50, each against raw hyper's",
            most(1.05),
            "",
            grown,
            "example growth",
        ),
        row(
            "decoding a bucket of 1,000,000 against one of 1,000, beside serde_json's own growth",
            most(1.15),
            "",
            linear,
            "example growth",
        ),
        row(
            "emulator, a call among 10,000 resources against one among 10, processor time",
            most(1.15),
            "",
            resources,
            "example emulator_load",
        ),
        row(
            "emulator, last tenth of 1,000,000 requests, the log on, against the first, processor time",
            most(1.15),
            "",
            logged,
            "example emulator_load",
        ),
        row(
            "emulator, 1,000 connections against 8, processor time, beside bare hyper's own growth",
            most(1.15),
            "",
            connections,
            "example emulator_load",
        ),
    ]
}

#[expect(clippy::cast_precision_loss, reason = "a count for a figure")]
fn count(count: u64) -> f64 {
    count as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(bound: Bound, measured: Option<f64>) -> String {
        let requirement = Requirement {
            what: "",
            bound,
            unit: "",
            measured,
            by: "",
        };
        requirement.verdict()
    }

    #[test]
    fn a_verdict_says_by_how_much_a_bound_is_missed_on_either_side() {
        assert_eq!(verdict(Bound::AtMost(2.0), Some(2.0)), "holds");
        assert_eq!(verdict(Bound::AtMost(2.0), Some(2.5)), "**misses by 25 %**");
        assert_eq!(
            verdict(Bound::AtLeast(100.0), Some(80.0)),
            "**misses by 20 %**"
        );
        assert_eq!(verdict(Bound::AtLeast(100.0), Some(120.0)), "holds");
        assert_eq!(verdict(Bound::AtMost(2.0), None), "not measured");
    }

    #[test]
    fn without_results_nothing_is_claimed() {
        for requirement in all(&Figures::default()) {
            assert_eq!(
                requirement.verdict(),
                "not measured",
                "{}",
                requirement.what
            );
        }
    }
}
