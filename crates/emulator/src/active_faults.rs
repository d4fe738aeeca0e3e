//! The fault rules in force, and which of them a call meets.

use serde::Serialize;

use crate::fault::FaultRule;

/// A rule that is in force.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ActiveFault {
    /// The number by which it can be removed.
    pub id: u64,
    /// The rule.
    pub rule: FaultRule,
    /// How many calls matched it.
    pub matched: u64,
    /// How often it made one go wrong.
    pub fired: u64,
}

/// The rules in force, in the order in which they were added.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<ActiveFault>,
    last_id: u64,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: FaultRule) -> u64 {
        self.last_id += 1;
        self.active.push(ActiveFault {
            id: self.last_id,
            rule,
            matched: 0,
            fired: 0,
        });
        self.last_id
    }

    pub(crate) fn remove(&mut self, id: u64) -> bool {
        let before = self.active.len();
        self.active.retain(|fault| fault.id != id);
        self.active.len() < before
    }

    pub(crate) fn clear(&mut self) {
        self.active.clear();
    }

    pub(crate) fn active(&self) -> &[ActiveFault] {
        &self.active
    }

    /// The first rule that makes this call go wrong. Every rule that matches counts the call, also
    /// behind one that fires.
    pub(crate) fn fire(
        &mut self,
        operation: &str,
        target: Option<(&str, &str)>,
        random: &mut fastrand::Rng,
    ) -> Option<Box<(u64, FaultRule)>> {
        let mut first = None;
        for fault in &mut self.active {
            let rule = &fault.rule;
            if !rule.matches(operation, target) {
                continue;
            }
            fault.matched += 1;
            // Drawn for each call that matches, so that a seed gives the same run whatever else
            // fires.
            let drawn = rule.probability.is_none_or(|it| random.f64() < it);
            let fires = drawn
                && rule.nth.is_none_or(|nth| fault.matched == nth)
                && rule.times.is_none_or(|times| fault.fired < times);
            if fires && first.is_none() {
                fault.fired += 1;
                // In a box, since there is none for most calls, and what there is to move is large.
                first = Some(Box::new((fault.id, rule.clone())));
            }
        }
        first
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn fired(faults: &mut Faults, operation: &str, app: &str) -> Option<u64> {
        let mut random = fastrand::Rng::with_seed(1);
        let fired = faults.fire(operation, Some((app, "staging")), &mut random);
        fired.map(|fired| fired.0)
    }

    #[test]
    fn a_rule_fires_for_the_calls_that_it_names() {
        let mut faults = Faults::default();
        let mut rule = FaultRule::delay(Duration::from_secs(1));
        rule.operation = Some("GetBackendJob".to_owned());
        rule.app_id = Some("d1".to_owned());
        rule.nth = Some(2);
        let id = faults.add(rule);
        assert_eq!(fired(&mut faults, "GetBackendJob", "d1"), None);
        assert_eq!(fired(&mut faults, "GetBackendJob", "d2"), None);
        assert_eq!(fired(&mut faults, "ListBackendJobs", "d1"), None);
        assert_eq!(fired(&mut faults, "GetBackendJob", "d1"), Some(id));
        assert_eq!(fired(&mut faults, "GetBackendJob", "d1"), None);
        assert_eq!((faults.active[0].matched, faults.active[0].fired), (3, 1));
    }

    #[test]
    fn the_first_rule_that_fires_wins_until_its_times_are_over() {
        let mut faults = Faults::default();
        let mut rule = FaultRule::delay(Duration::ZERO);
        rule.times = Some(1);
        let (first, second) = (
            faults.add(rule),
            faults.add(FaultRule::delay(Duration::ZERO)),
        );
        assert_eq!(fired(&mut faults, "ListS3Buckets", ""), Some(first));
        assert_eq!(fired(&mut faults, "ListS3Buckets", ""), Some(second));
        assert!(faults.remove(second) && !faults.remove(second));
        assert_eq!(fired(&mut faults, "ListS3Buckets", ""), None);
    }

    #[test]
    fn a_probability_is_kept_to_and_a_seed_repeats_it() {
        let run = |seed| {
            let (mut faults, mut random) = (Faults::default(), fastrand::Rng::with_seed(seed));
            let mut rule = FaultRule::delay(Duration::ZERO);
            rule.probability = Some(0.25);
            faults.add(rule);
            let mut fire = || faults.fire("ListS3Buckets", None, &mut random).is_some();
            (0..4_000).map(|_| fire()).collect::<Vec<_>>()
        };
        let fired = run(7).into_iter().filter(|fired| *fired).count();
        assert!((900..1_100).contains(&fired), "{fired}");
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }
}
