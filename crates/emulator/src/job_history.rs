//! The jobs of one environment, the newest behind.

use std::collections::VecDeque;
use std::hash::{BuildHasher as _, RandomState};

use hashbrown::HashTable;

use crate::job::Job;

/// Jobs that an environment keeps. Beyond it the oldest go, so that a long run stays small.
const KEPT_JOBS: usize = 1_000;

/// Jobs in the order in which they were started, each with its number. Only the last can be running.
#[derive(Debug, Default)]
pub(crate) struct JobHistory {
    /// One piece of memory, however many have come and gone: a map would spread them over what
    /// others have left.
    jobs: VecDeque<(u64, Job)>,
    /// The numbers by the hash of their job's id, which is kept in the job alone.
    by_id: HashTable<u64>,
    hasher: RandomState,
}

impl JobHistory {
    /// The number of the job that comes next.
    pub(crate) fn next_number(&self) -> u64 {
        self.jobs.back().map_or(0, |(last, _)| last + 1)
    }

    /// Lets go of the oldest where there is no room for another, and gives its number.
    pub(crate) fn make_room(&mut self) -> Option<u64> {
        let is_full = self.jobs.len() >= KEPT_JOBS;
        let (number, job) = is_full.then(|| self.jobs.pop_front()).flatten()?;
        let hash = self.hasher.hash_one(&*job.job_id);
        if let Ok(entry) = self.by_id.find_entry(hash, |known| *known == number) {
            entry.remove();
        }
        Some(number)
    }

    /// `number` is behind all that are there.
    pub(crate) fn push(&mut self, number: u64, job: Job) {
        let Self {
            jobs,
            by_id,
            hasher,
        } = self;
        let hash = |number: &u64| {
            let job = index(jobs, *number).and_then(|index| jobs.get(index));
            job.map_or(0, |(_, job)| hasher.hash_one(&*job.job_id))
        };
        by_id.insert_unique(hasher.hash_one(&*job.job_id), number, hash);
        jobs.push_back((number, job));
    }

    /// The number of the job with this id.
    pub(crate) fn number(&self, id: &str) -> Option<u64> {
        let has_id = |number: &u64| self.numbered(*number).is_some_and(|job| job.job_id == id);
        let found = self.by_id.find(self.hasher.hash_one(id), has_id);
        found.copied()
    }

    pub(crate) fn numbered(&self, number: u64) -> Option<&Job> {
        let (_, job) = self.jobs.get(index(&self.jobs, number)?)?;
        Some(job)
    }

    /// The id of the job must stay as it is.
    pub(crate) fn numbered_mut(&mut self, number: u64) -> Option<&mut Job> {
        let index = index(&self.jobs, number)?;
        let (_, job) = self.jobs.get_mut(index)?;
        Some(job)
    }

    /// The job that has not ended, if there is one, and its number.
    pub(crate) fn running(&self) -> Option<&(u64, Job)> {
        let last = self.jobs.back();
        last.filter(|(_, job)| job.status.ends_at().is_some())
    }

    /// All, the oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Job> {
        self.jobs.iter().map(|(_, job)| job)
    }

    /// The jobs before number `before` with their numbers, the newest first.
    pub(crate) fn before(&self, before: u64) -> impl Iterator<Item = (u64, &Job)> {
        let count = self.jobs.partition_point(|(number, _)| *number < before);
        let jobs = self.jobs.range(..count).rev();
        jobs.map(|(number, job)| (*number, job))
    }
}

/// Where the job with `number` is.
fn index(jobs: &VecDeque<(u64, Job)>, number: u64) -> Option<usize> {
    // Each is one more than the one before, unless somebody took rows out of a state file: a
    // search would go through memory that nobody has touched for long.
    let (last, _) = jobs.back()?;
    let behind = usize::try_from(last.checked_sub(number)?).ok()?;
    let index = jobs.len().checked_sub(behind + 1);
    let has_number = |index: &usize| jobs.get(*index).is_some_and(|it| it.0 == number);
    index
        .filter(has_number)
        .or_else(|| jobs.binary_search_by_key(&number, |it| it.0).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::job::JobStatus;

    fn job(id: u64) -> Job {
        Job {
            job_id: format!("job-{id}"),
            operation: "DeleteBackendStorage".into(),
            create_time: id,
            update_time: id,
            status: JobStatus::Completed,
        }
    }

    #[test]
    fn each_job_that_is_kept_is_found_by_its_id_and_no_other() {
        let mut history = JobHistory::default();
        let kept = u64::try_from(KEPT_JOBS).unwrap();
        for id in 0..3 * kept {
            history.make_room();
            history.push(history.next_number(), job(id));
        }
        for id in 0..3 * kept {
            let found = history.number(&format!("job-{id}"));
            assert_eq!(found, (id >= 2 * kept).then_some(id));
        }
        assert_eq!(history.by_id.len(), KEPT_JOBS);
    }

    #[test]
    fn numbers_may_be_missing() {
        let mut history = JobHistory::default();
        for number in [3, 4, 7, 9] {
            history.push(number, job(number));
        }
        for number in 0..11 {
            let found = history.numbered(number).map(|job| job.create_time);
            assert_eq!(found, [3, 4, 7, 9].contains(&number).then_some(number));
            assert_eq!(history.number(&format!("job-{number}")), found);
        }
        let before: Vec<_> = history.before(9).map(|(number, _)| number).collect();
        assert_eq!(before, [7, 4, 3]);
        assert_eq!(history.next_number(), 10);
    }
}
