//! Connections between calls, and how many there may be.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    task::{Wake, Waker},
    time::Duration,
};

use tokio::{
    runtime::Handle,
    sync::{Notify, Semaphore, SemaphorePermit},
    task::JoinHandle,
    time::{Instant, timeout_at},
};

use super::{connection::Connection, target::Target};

/// Idle connections, and the slots that calls hold while they use one.
///
/// No more connections are open than there are slots: whoever holds a slot makes room before it
/// opens one. Idle connections are watched by one task, the sweeper, that lives as long as there
/// are any: it drops a connection when the other side closes it and when it was idle for too long.
pub(super) struct Pool {
    slots: Semaphore,
    idle_timeout: Duration,
    idle: Mutex<Idle>,
    alarm: Arc<Alarm>,
    waker: Waker,
}

#[derive(Default)]
struct Idle {
    /// Last used last. A connection that takes many calls stays here while it is in use.
    connections: Vec<Resting>,
    sweeper: Option<JoinHandle<()>>,
}

struct Resting {
    connection: Connection,
    until: Instant,
}

impl Pool {
    pub(super) fn new(max_connections: usize, idle_timeout: Duration) -> Self {
        let alarm = Arc::<Alarm>::default();
        Self {
            slots: Semaphore::new(max_connections.clamp(1, Semaphore::MAX_PERMITS)),
            idle_timeout,
            idle: Mutex::default(),
            waker: Waker::from(alarm.clone()),
            alarm,
        }
    }

    /// Waits for the right to use one connection. First come, first served.
    pub(super) async fn slot(&self) -> SemaphorePermit<'_> {
        self.slots
            .acquire()
            .await
            .expect("the semaphore is never closed")
    }

    /// A connection to `target` that was open a moment ago; the caller holds a slot.
    pub(super) fn take(&self, target: Target<&str>) -> Option<Connection> {
        loop {
            // The one used last is the one least likely to have been closed.
            let mut resting = {
                let mut idle = self.idle();
                let found = idle
                    .connections
                    .iter()
                    .rposition(|it| it.connection.serves(target))?;
                let resting = idle.connections.remove(found);
                if let Some(shared) = resting.connection.share()
                    && resting.is_good()
                {
                    idle.connections.push(resting);
                    return Some(shared);
                }
                resting
            };
            if resting.is_good() && resting.connection.probe() {
                return Some(resting.connection);
            }
        }
    }

    /// Closes idle connections until one more may be opened; the caller holds a slot.
    pub(super) fn make_room(&self) {
        let mut idle = self.idle();
        let unused = idle
            .connections
            .iter()
            .filter(|it| !it.connection.is_shared())
            .count();
        let mut surplus = unused.saturating_sub(self.slots.available_permits());
        let closed: Vec<_> = idle
            .connections
            .extract_if(.., |it| {
                let close = surplus > 0 && !it.connection.is_shared();
                surplus -= usize::from(close);
                close
            })
            .collect();
        drop(idle);
        drop(closed);
    }

    /// Lets other calls use a fresh connection too, if it takes more than one.
    pub(super) fn share(self: &Arc<Self>, connection: &Connection) {
        if let Some(shared) = connection.share() {
            self.put(shared);
        }
    }

    /// Keeps a connection whose exchange has ended, if it can be used again.
    pub(super) fn put(self: &Arc<Self>, mut connection: Connection) {
        let Some(until) = Instant::now().checked_add(self.idle_timeout) else {
            return;
        };
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        if self.idle_timeout.is_zero() {
            return;
        }
        // Under the lock, so that the sweeper cannot hear of a close before it can find the
        // connection.
        let mut idle = self.idle();
        if !connection.rest(&self.waker) {
            return;
        }
        match idle
            .connections
            .iter_mut()
            .find(|it| it.connection.stands_in_for(&connection))
        {
            Some(held) => held.until = until,
            None => idle.connections.push(Resting { connection, until }),
        }
        // A runtime that was shut down took its sweeper along.
        if idle.sweeper.as_ref().is_none_or(JoinHandle::is_finished) {
            let sweeping = sweep(Arc::downgrade(self), self.alarm.clone());
            idle.sweeper = Some(runtime.spawn(sweeping));
        }
    }

    /// Drops what is closed or has been idle for too long. Answers when to look again, or that
    /// nothing is left to look after.
    fn sweep(&self) -> Option<Instant> {
        let now = Instant::now();
        let mut idle = self.idle();
        let closed: Vec<_> = idle
            .connections
            .extract_if(.., |it| {
                if it.connection.is_shared() {
                    // It is not idle; this is when to look again.
                    let again = self.idle_timeout.max(Duration::from_secs(1));
                    it.until = now.checked_add(again).unwrap_or(it.until);
                }
                it.until <= now || !it.connection.rest(&self.waker)
            })
            .collect();
        let next = idle.connections.iter().map(|it| it.until).min();
        if next.is_none() {
            idle.sweeper = None;
        }
        drop(idle);
        drop(closed);
        next
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        // Whoever panicked while holding it left a list of connections, each of them whole.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resting {
    fn is_good(&self) -> bool {
        self.until > Instant::now() || self.connection.is_shared()
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        // The sweeper finds the pool gone and ends.
        self.alarm.0.notify_one();
    }
}

async fn sweep(pool: Weak<Pool>, alarm: Arc<Alarm>) {
    while let Some(next) = pool.upgrade().and_then(|pool| pool.sweep()) {
        let _ = timeout_at(next, alarm.0.notified()).await;
    }
}

/// What idle connections wake.
#[derive(Default)]
struct Alarm(Notify);

impl Wake for Alarm {
    fn wake(self: Arc<Self>) {
        self.0.notify_one();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        self.0.notify_one();
    }
}
