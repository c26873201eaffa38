//! A log of what the kernel tells in a namespace: everything from the moment it was opened, to be listed, waited for, taken one by one.

use super::{Netns, wait};
use crate::error::{Error, Kind, Result};
use crate::kernel::events::{Events, News, Topic};
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::rc::Rc;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant};
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How many events are kept: what is older goes.
const KEPT: usize = 100_000;

/// Something that has happened.
#[derive(Debug, Clone)]
pub struct Event {
    /// When, since the log was opened.
    pub time: Duration,
    /// What the kernel said.
    pub news: News,
    /// The name of the link, as it was then.
    pub dev: String,
}

impl Event {
    /// `link`, `addr`, `route` or `neigh`.
    pub fn object(&self) -> &'static str {
        match self.news {
            News::Link { .. } => "link",
            News::Addr { .. } => "addr",
            News::Route { .. } => "route",
            News::Neigh { .. } => "neigh",
        }
    }

    /// Whether it tells that the object is gone.
    pub fn gone(&self) -> bool {
        match self.news {
            News::Link { gone, .. } | News::Addr { gone, .. } | News::Route { gone, .. } | News::Neigh { gone, .. } => gone,
        }
    }
}

/// What the listening task and the handles share.
#[derive(Default)]
struct Shared {
    told: Mutex<Told>,
    more: Notify,
}

#[derive(Default)]
struct Told {
    events: VecDeque<Event>,
    /// How many have gone at the front.
    forgotten: usize,
    /// How many have been taken, counted from the first.
    taken: usize,
}

/// A log. Cheap to clone; all clones take from one row. It ends with the last of them.
#[derive(Clone)]
pub struct EventLog(Rc<Log>);

struct Log {
    netns: Netns,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

impl Drop for Log {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl fmt::Debug for EventLog {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventLog").field("netns", &self.0.netns.name()).finish_non_exhaustive()
    }
}

impl Netns {
    /// Opens a log of what the kernel tells about links, addresses, routes and neighbours from now on.
    ///
    /// # Errors
    ///
    /// `not-found` when the namespace was deleted.
    pub fn events(&self) -> Result<EventLog> {
        let background = self.lab().background();
        let events = Events::open(&self.kernel()?, background.handle(), Topic::ALL);
        let mut events = events.map_err(|failure| failure.doing("listen to netns", format!("`{}`", self.name())))?;
        let mut names: HashMap<u32, String> = self.link_states()?.into_iter().map(|link| (link.index, link.name)).collect();
        let shared = Arc::new(Shared::default());
        let (log, begin) = (shared.clone(), Instant::now());
        let task = background.spawn(async move {
            while let Some(news) = events.news().await {
                let event = Event { time: begin.elapsed(), dev: name(&mut names, &news), news };
                let mut told = locked(&log.told);
                told.events.push_back(event);
                if told.events.len() > KEPT {
                    told.events.pop_front();
                    told.forgotten += 1;
                }
                drop(told);
                log.more.notify_one();
            }
        });
        self.lab().remember_listener(self, task.abort_handle());
        Ok(EventLog(Rc::new(Log { netns: self.clone(), shared, task })))
    }
}

fn locked(told: &Mutex<Told>) -> MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

/// The name of the link that it is about; one that is new, or has another name, is remembered.
fn name(names: &mut HashMap<u32, String>, news: &News) -> String {
    let index = match news {
        News::Link { link, .. } => {
            names.insert(link.index, link.name.clone());
            Some(link.index)
        }
        News::Addr { addr, .. } => Some(addr.index),
        News::Route { route, .. } => route.dev,
        News::Neigh { neigh, .. } => Some(neigh.index),
    };
    index.and_then(|index| names.get(&index).cloned()).unwrap_or_default()
}

impl EventLog {
    /// Returns the namespace.
    pub fn netns(&self) -> &Netns {
        &self.0.netns
    }

    /// Returns all that has happened, the oldest first; what was taken too.
    pub fn list(&self) -> Vec<Event> {
        locked(&self.0.shared.told).events.iter().cloned().collect()
    }

    fn take(&self) -> Option<Event> {
        let mut told = locked(&self.0.shared.told);
        told.taken = told.taken.max(told.forgotten);
        let event = told.events.get(told.taken - told.forgotten).cloned()?;
        told.taken += 1;
        Some(event)
    }

    /// Takes events until one is as wished, and returns that; what was taken is not taken again.
    ///
    /// # Errors
    ///
    /// `timeout`, with the last that was taken; what the wish fails with.
    pub fn wait(&self, within: Duration, mut wished: impl FnMut(&Event) -> Result<bool>) -> Result<Event> {
        let begin = Instant::now();
        let mut last = None;
        loop {
            while let Some(event) = self.take() {
                if wished(&event)? {
                    return Ok(event);
                }
                last = Some(event);
            }
            let left = within.saturating_sub(begin.elapsed());
            if left.is_zero() || self.0.netns.lab().run_within(left, self.0.shared.more.notified())?.is_none() {
                // One may have come with the deadline.
                if let Some(event) = self.take()
                    && wished(&event)?
                {
                    return Ok(event);
                }
                let cause = format!("none came within {}", wait::span(within));
                let error = Error::new(Kind::Timeout, "wait for event", "", cause).in_netns(self.0.netns.name());
                return Err(match last {
                    Some(last) => error.because(format!("the last one that came was about {} `{}`", last.object(), last.dev)),
                    None => error,
                });
            }
        }
    }
}
