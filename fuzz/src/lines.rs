//! What is logged, kept for a look.

use std::cell::RefCell;
use std::io::Write;
use std::sync::Once;

use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

thread_local! {
    static LINES: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The lines that this thread logs, as much as the functions can be made to log.
#[derive(Clone, Copy, Debug)]
pub struct Lines(());

impl Lines {
    /// Keeps everything that is logged from now on.
    pub fn keep() -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| {
            let lines = tracing_subscriber::fmt::layer().json().with_writer(Self(()));
            let filter = api::log_filter(LevelFilter::TRACE);
            tracing_subscriber::registry().with(lines).with(filter).init();
        });
        Self(())
    }

    /// What was logged since this was last asked.
    pub fn take(self) -> String {
        LINES.with_borrow_mut(|lines| {
            let text = String::from_utf8_lossy(lines).into_owned();
            lines.clear();
            text
        })
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        LINES.with_borrow_mut(|lines| lines.extend_from_slice(bytes));
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Lines {
    type Writer = Self;

    fn make_writer(&self) -> Self {
        *self
    }
}
