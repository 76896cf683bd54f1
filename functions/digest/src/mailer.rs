//! The mail service: one attempt for each mail, at the pace that the account may send.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use aws_sdk_sesv2::Client;
use aws_sdk_sesv2::config::retry::RetryConfig;
use aws_sdk_sesv2::config::timeout::TimeoutConfig;
use aws_sdk_sesv2::config::{BehaviorVersion, Region};
use aws_sdk_sesv2::error::SdkError;
use aws_sdk_sesv2::operation::send_email::SendEmailError;
use aws_sdk_sesv2::types::{Body, Content, Destination, EmailContent, Message, MessageHeader};
use domain::text::Email;
use store::Cloud;
use tokio::time::{Instant, sleep_until};

use crate::mail::{Mail, UnsubscribeUrl};

/// The mail service. Cheap to clone; clones keep one pace.
#[derive(Clone, Debug)]
pub struct Mailer {
    client: Client,
    from: Arc<str>,
    configuration_set: Option<Arc<str>>,
    pace: Arc<Pace>,
}

/// A mail and its receiver.
pub(crate) struct Letter<'a> {
    pub(crate) to: &'a Email,
    pub(crate) mail: &'a Mail,
    pub(crate) unsubscribe: Option<&'a UnsubscribeUrl>,
}

/// What the mail service answered.
#[derive(Debug)]
pub(crate) enum Answer {
    /// It took the mail, under this name.
    Taken(String),
    /// It takes no more at the moment: this one was not sent.
    NotNow,
    /// It refuses the mail for good.
    Refused,
    /// There was no answer that could be read: it took the mail or not.
    Unknown,
}

impl Mailer {
    /// Sends in the name of `from`, at most `rate` mails a second.
    ///
    /// The SDK makes one attempt: after a lost answer a second one would be a second mail.
    pub fn new(cloud: &Cloud, from: &str, configuration_set: Option<&str>, rate: u32) -> Self {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(Duration::from_secs(2))
            .operation_attempt_timeout(Duration::from_secs(8))
            .build();
        let mut config = aws_sdk_sesv2::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(cloud.settings.region.clone()))
            .credentials_provider(cloud.settings.credentials.clone())
            .http_client(cloud.http.clone())
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        config.set_endpoint_url(cloud.settings.endpoint.clone());
        Self {
            client: Client::from_conf(config.build()),
            from: from.into(),
            configuration_set: configuration_set.map(Into::into),
            pace: Arc::new(Pace::of(rate)),
        }
    }

    /// Waits until the next mail may go.
    pub(crate) async fn turn(&self) {
        sleep_until(self.pace.take()).await;
    }

    /// How many mails may go in a time.
    pub(crate) fn within(&self, time: Duration) -> usize {
        self.pace.within(time)
    }

    /// Sends a mail whose turn it is.
    pub(crate) async fn send(&self, letter: Letter<'_>) -> Answer {
        let Letter { to, mail, unsubscribe } = letter;
        let Ok(message) = message(mail, unsubscribe) else { return Answer::Refused };
        let sent = self
            .client
            .send_email()
            .from_email_address(&*self.from)
            .destination(Destination::builder().to_addresses(to.as_str()).build())
            .content(EmailContent::builder().simple(message).build())
            .set_configuration_set_name(self.configuration_set.as_deref().map(str::to_owned))
            .send()
            .await;
        match sent {
            Ok(sent) => Answer::Taken(sent.message_id.unwrap_or_default()),
            Err(error) => refusal(&error),
        }
    }
}

/// What an error means. What is not known to be a refusal may have been sent.
fn refusal(error: &SdkError<SendEmailError>) -> Answer {
    let answer = match error {
        SdkError::ConstructionFailure(_) => Answer::Refused,
        SdkError::ServiceError(service) => match service.err() {
            SendEmailError::TooManyRequestsException(_)
            | SendEmailError::LimitExceededException(_)
            | SendEmailError::SendingPausedException(_)
            | SendEmailError::AccountSuspendedException(_) => Answer::NotNow,
            SendEmailError::BadRequestException(_)
            | SendEmailError::MessageRejected(_)
            | SendEmailError::MailFromDomainNotVerifiedException(_)
            | SendEmailError::NotFoundException(_) => Answer::Refused,
            other => match other.meta().code() {
                Some("ThrottlingException" | "Throttling") => Answer::NotNow,
                Some("AccessDeniedException" | "UnrecognizedClientException" | "ValidationException") => {
                    Answer::Refused
                }
                _ => Answer::Unknown,
            },
        },
        _ => Answer::Unknown,
    };
    // What the service says of a refused mail can hold the receiver's address: only its name is logged.
    let code = match error {
        SdkError::ServiceError(service) => service.err().meta().code().unwrap_or("none"),
        SdkError::TimeoutError(_) => "timeout",
        SdkError::DispatchFailure(_) => "dispatch failure",
        _ => "other",
    };
    tracing::warn!(code, answer = ?answer, "The mail service did not take a mail");
    answer
}

fn message(mail: &Mail, unsubscribe: Option<&UnsubscribeUrl>) -> Result<Message, aws_sdk_sesv2::error::BuildError> {
    let text = |data: &str| Content::builder().data(data).charset("UTF-8").build();
    let body = Body::builder().text(text(&mail.text)?).html(text(&mail.html)?).build();
    let mut headers = vec![
        // So that nobody's absence note answers it (RFC 3834).
        MessageHeader::builder().name("Auto-Submitted").value("auto-generated").build()?,
    ];
    if let Some(url) = unsubscribe {
        // One click, without signing in (RFC 8058).
        let link = ["<", url.as_str(), ">"].concat();
        headers.push(MessageHeader::builder().name("List-Unsubscribe").value(link).build()?);
        headers
            .push(MessageHeader::builder().name("List-Unsubscribe-Post").value("List-Unsubscribe=One-Click").build()?);
    }
    Ok(Message::builder().subject(text(mail.subject)?).body(body).set_headers(Some(headers)).build())
}

/// Lets so many through a second, one after the other.
#[derive(Debug)]
struct Pace {
    every: Duration,
    next: Mutex<Instant>,
}

impl Pace {
    fn of(rate: u32) -> Self {
        Self { every: Duration::from_secs(1) / rate.max(1), next: Mutex::new(Instant::now()) }
    }

    /// Takes the next place in the row, and says when it comes.
    fn take(&self) -> Instant {
        let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
        let turn = (*next).max(Instant::now());
        *next = turn + self.every;
        turn
    }

    /// How many places there are in a time.
    fn within(&self, time: Duration) -> usize {
        usize::try_from(time.as_nanos() / self.every.as_nanos().max(1)).unwrap_or(usize::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_many_go_within_a_time_as_the_rate_permits_and_one_after_the_other() {
        let pace = Pace::of(5);
        assert_eq!((pace.within(Duration::from_secs(3)), pace.within(Duration::from_millis(199))), (15, 0));
        let turns = [(); 4].map(|()| pace.take());
        // Longer only where this program had to wait for a processor.
        assert!(turns.windows(2).all(|two| two[1] - two[0] >= Duration::from_millis(200)), "{turns:?}");
        // A rate that nobody set is one a second, and none is so high that there is no telling.
        assert_eq!(Pace::of(0).within(Duration::from_secs(2)), 2);
        assert_eq!(Pace::of(u32::MAX).within(Duration::ZERO), 0);
    }
}
