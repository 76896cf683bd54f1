//! `cargo run`: Confer on this machine.

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::Parser;
use local::person::{READY, STAFF};
use local::stack::{Addresses, Data, Options, Stack};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::filter::Targets;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;

/// Confer on this machine: the API, the cloud it runs on, and people to try it with.
///
/// Needs no account, no network and no other program. Everything listens on 127.0.0.1 only, and stops with Ctrl-C.
#[derive(Debug, Parser)]
#[command(name = "confer", override_usage = "cargo run -- [OPTIONS]\n       confer [OPTIONS]", after_help = MORE)]
struct Arguments {
    /// Port of the API, its reference and the controls; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 3000)]
    port: u16,

    /// Port of the embedded AWS, for any AWS tool; 0 picks a free one
    #[arg(long, value_name = "PORT", default_value_t = 4566)]
    aws_port: u16,

    /// Folder that keeps the data from one start to the next
    #[arg(long, value_name = "FOLDER", default_value = ".confer")]
    data_dir: PathBuf,

    /// Keep nothing: data are gone when it stops
    #[arg(long, conflicts_with = "data_dir")]
    memory: bool,

    /// For programs: print one line of JSON with the addresses to standard output, and nothing else there
    #[arg(long)]
    json: bool,

    /// Let people send as much as they like, for benchmarks
    #[arg(long)]
    no_rate_limits: bool,

    /// What to log: a level, or levels by target, such as `info` or `messages=debug,warn`
    // The embedded engine warns of every condition that fails, which is how conditional writes work; and of every
    // request that it refuses the embedded S3 says that it failed.
    #[arg(long, value_name = "LEVELS", default_value = "warn,dynoxide=error,s3s::ops=off")]
    log: Targets,
}

const MORE: &str = "\
Controls, beside the API on its address:
  POST   /_local/token   {\"username\": \"jane.roe\"}  a token for anyone; \"roles\" are optional
  GET    /_local/outbox                            mails and text messages that were sent; DELETE empties it
  POST   /_local/clock   {\"advance\": \"4h\"}         moves the stack's time forward
  POST   /_local/settle                            waits until everything that was set off is done
  GET    /_local/                                  all of that as a page

AWS tools work with AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_REGION=us-east-1
AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local-secret.";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let log = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    tracing_subscriber::registry().with(log).with(arguments.log.clone()).init();
    match run(arguments).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("Confer cannot run: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: Arguments) -> Result<()> {
    // From here on, a signal waits until the stack can be stopped well.
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let options = Options {
        api_port: arguments.port,
        aws_port: arguments.aws_port,
        data: if arguments.memory { Data::Memory } else { Data::Folder(arguments.data_dir) },
        rate_limits: !arguments.no_rate_limits,
        demonstration: true,
    };
    let stack = tokio::select! {
        stack = Stack::start(options, &say) => stack?,
        _ = interrupt.recv() => return Ok(()),
        _ = terminate.recv() => return Ok(()),
    };
    let addresses = stack.addresses();
    if arguments.json {
        let mut out = std::io::stdout();
        writeln!(out, "{}", serde_json::to_string(addresses)?)?;
        out.flush()?;
    }
    say(&banner(addresses));
    tokio::select! {
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    say("Stopping");
    tokio::select! {
        () = stack.stop() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}

/// Tells a person. On standard error: standard output belongs to programs.
fn say(text: &str) {
    // Whoever closed it does not want to know.
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn banner(Addresses { api, aws, data_dir, .. }: &Addresses) -> String {
    let data = data_dir.as_ref().map_or_else(|| "in memory".to_owned(), |folder| folder.display().to_string());
    let ready = STAFF[..READY].iter().fold(String::new(), |text, colleague| {
        format!(
            "{text}
    # {}, {}
    TOKEN=$(curl -s {api}/_local/token -H 'Content-Type: application/json' -d '{{\"username\": \"{}\"}}' |
      sed 's/.*\"access_token\":\"\\([^\"]*\\).*/\\1/')
",
            colleague.name, colleague.job, colleague.username
        )
    });
    format!(
        "
  Confer is running.

    API            {api}
    Start here     {api}/_local/            tokens to copy, outbox
    API reference  {api}/_local/reference
    Embedded AWS   {aws}
    Data           {data}

  Three people are ready. A token for each:
{ready}
  Then:
    curl -s {api}/v1/me -H \"Authorization: Bearer $TOKEN\"

  Ctrl-C stops it.
"
    )
}
