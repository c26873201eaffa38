//! What is planned for later: done on the lab's own thread while that waits for something else, and at no other time.

use super::Lab;
use crate::error::Result;
use std::cell::{Cell, RefCell};
use std::fmt;
use std::rc::Rc;
use std::time::{Duration, Instant};

type Deed = Box<dyn FnOnce() -> Result<()>>;

/// The list of a lab.
#[derive(Default)]
pub(super) struct Schedule(RefCell<Vec<(Instant, Plan, Deed)>>);

impl fmt::Debug for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schedule").field("planned", &self.0.borrow().len()).finish()
    }
}

/// Something that is planned. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Plan(Rc<Cell<State>>);

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Ahead,
    Done,
    Cancelled,
}

impl Plan {
    /// Gives it up; what has been done already stays done.
    pub fn cancel(&self) {
        if self.0.get() == State::Ahead {
            self.0.set(State::Cancelled);
        }
    }

    /// Returns whether it was done.
    pub fn is_done(&self) -> bool {
        self.0.get() == State::Done
    }

    /// Returns whether it is still to be done.
    pub fn is_ahead(&self) -> bool {
        self.0.get() == State::Ahead
    }
}

impl Schedule {
    /// When the next one is due.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.borrow_mut().retain(|(_, plan, _)| plan.is_ahead());
        self.0.borrow().iter().map(|(at, ..)| *at).min()
    }

    /// Takes the next one that is due.
    fn take_due(&self) -> Option<(Plan, Deed)> {
        let next = self.next().filter(|at| *at <= Instant::now())?;
        let mut planned = self.0.borrow_mut();
        let place = planned.iter().position(|(at, ..)| *at == next)?;
        let (_, plan, deed) = planned.remove(place);
        Some((plan, deed))
    }

    /// Forgets all that is planned.
    pub(super) fn clear(&self) {
        let planned = self.0.take();
        planned.iter().for_each(|(_, plan, _)| plan.cancel());
    }
}

impl Lab {
    /// Plans a deed. It is done once the time has passed and the lab waits: in a ping, a sleep, a program that runs to its end. One deed
    /// is done at a time; what it fails with is what that wait fails with. What is still ahead when the lab ends is not done.
    pub fn plan(&self, after: Duration, deed: impl FnOnce() -> Result<()> + 'static) -> Plan {
        let plan = Plan::default();
        let at = Instant::now() + after.min(Duration::from_secs(1 << 30));
        self.0.schedule.0.borrow_mut().push((at, plan.clone(), Box::new(deed)));
        plan
    }

    /// Does all that is due. Called between two turns of the runtime, never inside of one.
    pub(super) fn do_due(&self) -> Result<()> {
        while let Some((plan, deed)) = self.0.schedule.take_due() {
            plan.0.set(State::Done);
            deed()?;
        }
        Ok(())
    }
}
