//! The thread for what goes on while a script does something else: servers, and the output of background processes.

use std::future::Future;
use std::thread::JoinHandle;
use tokio::runtime::{Builder, Handle};
use tokio::sync::oneshot;
use tokio::task;

/// A thread with a runtime of its own. Dropping it ends all its tasks.
#[derive(Debug)]
pub(crate) struct Background {
    handle: Handle,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Background {
    pub(crate) fn start() -> Background {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a process that has one runtime can have another");
        let handle = runtime.handle().clone();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::Builder::new().name("background".into()).spawn(move || {
            let _ = runtime.block_on(stopped);
        });
        Background { handle, stop: Some(stop), thread: thread.ok() }
    }

    /// Returns what drives its sockets.
    pub(crate) fn handle(&self) -> &Handle {
        &self.handle
    }

    /// Begins a task.
    pub(crate) fn spawn(&self, work: impl Future<Output = ()> + Send + 'static) -> task::JoinHandle<()> {
        self.handle.spawn(work)
    }

    /// Runs a closure where sockets can be registered with this thread's runtime.
    pub(crate) fn enter<T>(&self, work: impl FnOnce() -> T) -> T {
        let _in = self.handle.enter();
        work()
    }
}

impl Drop for Background {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
