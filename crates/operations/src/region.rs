//! Regions and the partitions they belong to.

use std::error::Error;
use std::fmt;

/// A region, such as `eu-central-1`. It is part of a host name and of every signature.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Region(Box<str>);

impl Region {
    /// Takes a region that AWS has, or one that looks like a region it may add.
    ///
    /// # Errors
    ///
    /// When it is not a host label (`[a-z0-9]`, hyphens inside, at most 63 characters), so that it
    /// could turn a request to another host; and when it is a known region with a typing error.
    /// The error suggests the region that was probably meant.
    pub fn new(region: &str) -> Result<Self, RegionError> {
        if !is_plausible(region) && is_host_label(region) {
            let suggestion = suggestion(region);
            if suggestion.is_some() {
                let problem = Problem::Unknown;
                return Err(RegionError {
                    region: region.into(),
                    problem,
                    suggestion,
                });
            }
        }
        Self::unlisted(region)
    }

    /// Takes any host label, also one that [`new`](Self::new) would take for a typing error.
    ///
    /// # Errors
    ///
    /// When it is not a host label.
    pub fn unlisted(region: &str) -> Result<Self, RegionError> {
        if !is_host_label(region) {
            let problem = if region.is_empty() {
                Problem::Empty
            } else {
                Problem::NotAHostLabel
            };
            let suggestion = suggestion(region);
            return Err(RegionError {
                region: region.into(),
                problem,
                suggestion,
            });
        }
        Ok(Self(region.into()))
    }

    /// The region's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The end of the host names of AWS's services in this region, such as `amazonaws.com`, or with
    /// `dual_stack` that of those with IPv4 and IPv6, such as `api.aws`.
    ///
    /// ```
    /// use amplify_backend_operations::Region;
    ///
    /// assert_eq!(Region::new("cn-north-1")?.dns_suffix(false), "amazonaws.com.cn");
    /// # Ok::<(), amplify_backend_operations::RegionError>(())
    /// ```
    pub fn dns_suffix(&self, dual_stack: bool) -> &'static str {
        let partition = self.partition();
        if dual_stack {
            partition.dual_stack_dns_suffix
        } else {
            partition.dns_suffix
        }
    }

    /// The partition: by the list of regions, then by what the region's name looks like, and else
    /// `aws`.
    fn partition(&self) -> &'static Partition {
        let region = self.as_str();
        PARTITIONS
            .iter()
            .find(|partition| partition.regions.contains(&region))
            .or_else(|| {
                PARTITIONS
                    .iter()
                    .find(|partition| partition.looks_like_ours(region))
            })
            .unwrap_or(&AWS)
    }
}

impl fmt::Display for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl fmt::Debug for Region {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Region({})", self.0)
    }
}

impl std::str::FromStr for Region {
    type Err = RegionError;

    fn from_str(region: &str) -> Result<Self, RegionError> {
        Self::new(region)
    }
}

/// Why a text is not taken for a region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionError {
    region: Box<str>,
    problem: Problem,
    suggestion: Option<&'static str>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Problem {
    Empty,
    NotAHostLabel,
    Unknown,
}

impl RegionError {
    /// The known region that was probably meant.
    pub fn suggestion(&self) -> Option<&'static str> {
        self.suggestion
    }
}

impl fmt::Display for RegionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            region,
            problem,
            suggestion,
        } = self;
        match problem {
            Problem::Empty => f.write_str("the region is empty")?,
            Problem::NotAHostLabel => write!(
                f,
                "{region:?} is not a region: only a-z, 0-9 and hyphens inside make one, such as \
                 us-east-1"
            )?,
            Problem::Unknown => write!(f, "there is no region {region:?}")?,
        }
        match suggestion {
            Some(known) => write!(f, "; did you mean {known}?"),
            None => Ok(()),
        }
    }
}

impl Error for RegionError {}

/// A group of regions under one DNS suffix.
#[derive(Debug)]
struct Partition {
    dns_suffix: &'static str,
    dual_stack_dns_suffix: &'static str,
    /// What the names of its regions begin with, before `-word-number`.
    prefixes: &'static [&'static str],
    regions: &'static [&'static str],
}

impl Partition {
    /// The partition's regular expression: a prefix, a word, a number. What is in a word is known
    /// already: a region has no other character than `a-z`, `0-9` and the hyphen that ends it.
    fn looks_like_ours(&self, region: &str) -> bool {
        self.prefixes.iter().any(|prefix| {
            let Some((word, number)) = region
                .strip_prefix(prefix)
                .and_then(|rest| rest.strip_prefix('-'))
                .and_then(|rest| rest.split_once('-'))
            else {
                return false;
            };
            !word.is_empty()
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit())
        })
    }
}

fn is_host_label(text: &str) -> bool {
    let inside = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= 63
        && text.bytes().all(inside)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

/// Whether AWS may have or get a region of this name: it has one, or each word in the name is
/// already in the name of another. `us-west-9` is plausible, `us-wset-2` is not.
fn is_plausible(region: &str) -> bool {
    region.split('-').all(|word| {
        (!word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()))
            || known_regions().any(|known| known.split('-').any(|part| part == word))
    })
}

/// The known region within two typing errors (a wrong, missing, extra or swapped character each).
fn suggestion(region: &str) -> Option<&'static str> {
    // A text that is much longer than any region is not worth comparing.
    if region.len() > 64 {
        return None;
    }
    let typed = region.trim().to_ascii_lowercase();
    known_regions()
        .map(|known| (strsim::osa_distance(&typed, known), known))
        .filter(|(distance, known)| *distance <= 2 && known.as_bytes() != region.as_bytes())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, known)| known)
}

fn known_regions() -> impl Iterator<Item = &'static str> {
    PARTITIONS
        .iter()
        .flat_map(|partition| partition.regions)
        .copied()
}

const AWS: Partition = Partition {
    dns_suffix: "amazonaws.com",
    dual_stack_dns_suffix: "api.aws",
    prefixes: &["us", "eu", "ap", "sa", "ca", "me", "af", "il", "mx"],
    regions: &[
        "af-south-1",
        "ap-east-1",
        "ap-east-2",
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-south-2",
        "ap-southeast-1",
        "ap-southeast-2",
        "ap-southeast-3",
        "ap-southeast-4",
        "ap-southeast-5",
        "ap-southeast-6",
        "ap-southeast-7",
        "aws-global",
        "ca-central-1",
        "ca-west-1",
        "eu-central-1",
        "eu-central-2",
        "eu-north-1",
        "eu-south-1",
        "eu-south-2",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "il-central-1",
        "me-central-1",
        "me-south-1",
        "me-west-1",
        "mx-central-1",
        "sa-east-1",
        "sa-west-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ],
};

/// The partitions as AWS's SDKs have them (partitions.json, version 1.1). The conformance suite
/// compares the two.
const PARTITIONS: &[Partition] = &[
    AWS,
    Partition {
        dns_suffix: "amazonaws.com.cn",
        dual_stack_dns_suffix: "api.amazonwebservices.com.cn",
        prefixes: &["cn"],
        regions: &["aws-cn-global", "cn-north-1", "cn-northwest-1"],
    },
    Partition {
        dns_suffix: "amazonaws.eu",
        dual_stack_dns_suffix: "api.amazonwebservices.eu",
        prefixes: &["eusc-de"],
        regions: &["eusc-de-east-1"],
    },
    Partition {
        dns_suffix: "c2s.ic.gov",
        dual_stack_dns_suffix: "api.aws.ic.gov",
        prefixes: &["us-iso"],
        regions: &["aws-iso-global", "us-iso-east-1", "us-iso-west-1"],
    },
    Partition {
        dns_suffix: "sc2s.sgov.gov",
        dual_stack_dns_suffix: "api.aws.scloud",
        prefixes: &["us-isob"],
        regions: &["aws-iso-b-global", "us-isob-east-1", "us-isob-west-1"],
    },
    Partition {
        dns_suffix: "cloud.adc-e.uk",
        dual_stack_dns_suffix: "api.cloud-aws.adc-e.uk",
        prefixes: &["eu-isoe"],
        regions: &["aws-iso-e-global", "eu-isoe-west-1"],
    },
    Partition {
        dns_suffix: "csp.hci.ic.gov",
        dual_stack_dns_suffix: "api.aws.hci.ic.gov",
        prefixes: &["us-isof"],
        regions: &["aws-iso-f-global", "us-isof-east-1", "us-isof-south-1"],
    },
    Partition {
        dns_suffix: "amazonaws.com",
        dual_stack_dns_suffix: "api.aws",
        prefixes: &["us-gov"],
        regions: &["aws-us-gov-global", "us-gov-east-1", "us-gov-west-1"],
    },
];
