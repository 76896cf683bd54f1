//! The table's definition: what the emulator creates is what the template deploys.

use aws_sdk_dynamodb::error::ProvideErrorMetadata;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType, Projection, ProjectionType,
    ScalarAttributeType, StreamSpecification, StreamViewType, TimeToLiveSpecification,
};

use crate::error::{BoxError, Error};

/// The attribute that says when an item may be swept away, in seconds since 1970. A broom, not a clock: code compares.
pub const TIME_TO_LIVE: &str = "expires";

/// The sparse index of what is due.
pub const DUE_INDEX: &str = "due";

fn built<T, E: Into<BoxError>>(built: Result<T, E>) -> Result<T, Error> {
    built.map_err(|error| Error::Misused(error.into()))
}

fn attribute(name: &str) -> Result<AttributeDefinition, Error> {
    built(AttributeDefinition::builder().attribute_name(name).attribute_type(ScalarAttributeType::S).build())
}

fn schema(partition: &str, sort: &str) -> Result<[KeySchemaElement; 2], Error> {
    Ok([
        built(KeySchemaElement::builder().attribute_name(partition).key_type(KeyType::Hash).build())?,
        built(KeySchemaElement::builder().attribute_name(sort).key_type(KeyType::Range).build())?,
    ])
}

/// Creates the table, if it is not there.
pub async fn create(client: &aws_sdk_dynamodb::Client, name: &str) -> Result<(), Error> {
    let due = GlobalSecondaryIndex::builder()
        .index_name(DUE_INDEX)
        .set_key_schema(Some(schema("dk", "ds")?.into()))
        .projection(Projection::builder().projection_type(ProjectionType::KeysOnly).build())
        .build();
    let created = client
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .set_attribute_definitions(Some(vec![attribute("pk")?, attribute("sk")?, attribute("dk")?, attribute("ds")?]))
        .set_key_schema(Some(schema("pk", "sk")?.into()))
        .global_secondary_indexes(built(due)?)
        .stream_specification(built(
            StreamSpecification::builder()
                .stream_enabled(true)
                .stream_view_type(StreamViewType::NewAndOldImages)
                .build(),
        )?)
        .send()
        .await;
    match created {
        Ok(_) => {}
        Err(error) if error.code() == Some("ResourceInUseException") => return Ok(()),
        Err(error) => return Err(crate::query::failed(error)),
    }
    let sweep = built(TimeToLiveSpecification::builder().enabled(true).attribute_name(TIME_TO_LIVE).build())?;
    client
        .update_time_to_live()
        .table_name(name)
        .time_to_live_specification(sweep)
        .send()
        .await
        .map_err(crate::query::failed)?;
    Ok(())
}
