//! Every way a transaction can end, and what it means.

use aws_sdk_dynamodb::error::ErrorMetadata;
use aws_sdk_dynamodb::types::error::TransactionCanceledException;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;

use super::*;

fn answer(status: u16) -> HttpResponse {
    HttpResponse::new(status.try_into().unwrap(), SdkBody::empty())
}

fn cancelled(codes: &[&str]) -> SdkError<TransactWriteItemsError> {
    let reasons = codes.iter().map(|code| CancellationReason::builder().code(*code).build()).collect();
    let exception = TransactionCanceledException::builder().set_cancellation_reasons(Some(reasons)).build();
    SdkError::service_error(TransactWriteItemsError::TransactionCanceledException(exception), answer(400))
}

fn refused(code: &str) -> SdkError<TransactWriteItemsError> {
    SdkError::service_error(TransactWriteItemsError::generic(ErrorMetadata::builder().code(code).build()), answer(400))
}

#[test]
fn each_reason_is_told_by_its_place() {
    let Ok(Outcome::Rejected(reasons)) =
        outcome(cancelled(&["None", "ConditionalCheckFailed", "TransactionConflict", "ThrottlingError"]))
    else {
        panic!("rejected")
    };
    assert!(matches!(reasons[..], [Reason::Fine, Reason::Condition(None), Reason::Contention, Reason::Contention]));
}

#[test]
fn a_reason_that_no_other_state_would_lift_is_a_fault_of_ours() {
    for code in ["ValidationError", "ItemCollectionSizeLimitExceeded", "SomethingNew"] {
        assert!(matches!(outcome(cancelled(&["None", code])), Err(Error::Misused(_))), "{code}");
    }
}

#[test]
fn what_was_not_answered_is_unknown() {
    let timeout = || ConnectorError::timeout("late".into());
    let unknown = [
        SdkError::timeout_error("late"),
        SdkError::dispatch_failure(timeout()),
        SdkError::dispatch_failure(ConnectorError::io("reset".into())),
        SdkError::response_error("cut off", answer(200)),
        refused("InternalServerError"),
        refused("TransactionInProgressException"),
        refused("SomethingNew"),
        cancelled(&[]),
    ];
    for error in unknown {
        assert!(matches!(outcome(error), Ok(Outcome::Unknown)));
    }
}

#[test]
fn what_was_throttled_was_not_written_and_what_is_wrong_as_such_is_a_fault_of_ours() {
    for code in ["ProvisionedThroughputExceededException", "RequestLimitExceeded", "ThrottlingException"] {
        assert!(matches!(outcome(refused(code)), Ok(Outcome::Throttled)), "{code}");
    }
    for code in ["ValidationException", "AccessDeniedException", "ResourceNotFoundException"] {
        assert!(matches!(outcome(refused(code)), Err(Error::Misused(_))), "{code}");
    }
    let unsent: SdkError<TransactWriteItemsError> = SdkError::construction_failure("no key");
    assert!(matches!(outcome(unsent), Err(Error::Misused(_))));
}
