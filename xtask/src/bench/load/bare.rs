//! What the embedded table takes for the transaction of a send without the product around it: what a send is beside.

use std::time::Instant;

use anyhow::Context as _;
use reqwest::Client;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::figures::{Bare, Kept};
use super::plan::Bound;
use crate::bench::timing::{Latencies, milliseconds};

/// About as much as a head, an entry and an idempotency item hold beside their keys.
const SIZES: [usize; 3] = [420, 480, 100];

/// So many writers at once, each after its own head, as in conversations of their own.
pub(crate) async fn run(aws: &str, kept: Kept, clients: usize, bound: Bound) -> anyhow::Result<Bare> {
    let http = Client::new();
    let mut writers = JoinSet::new();
    let began = Instant::now();
    let each = usize::try_from(bound.sends)?.div_ceil(clients);
    for number in 0..clients {
        let (http, aws) = (http.clone(), aws.to_owned());
        writers.spawn(async move {
            let pk = format!("BENCH#{clients}#{number}");
            put(&http, &aws, &pk).await?;
            let mut latencies = Vec::new();
            for seq in 0..each {
                if began.elapsed() >= bound.time {
                    break;
                }
                let asked = Instant::now();
                call(&http, &aws, "TransactWriteItems", &transaction(&pk, seq)).await?;
                latencies.push(asked.elapsed());
            }
            anyhow::Ok(latencies)
        });
    }
    let mut all = Vec::new();
    while let Some(latencies) = writers.join_next().await {
        all.extend(latencies??);
    }
    let (sends, seconds) = (u32::try_from(all.len())?, milliseconds(began.elapsed()) / 1_000.0);
    let latencies = Latencies::new(all);
    let (p50_ms, p99_ms) = (latencies.percentile(50), latencies.percentile(99));
    Ok(Bare { kept, clients, sends, seconds, p50_ms, p99_ms })
}

/// The row of the sender, which is checked, and the head.
async fn put(http: &Client, aws: &str, pk: &str) -> anyhow::Result<()> {
    for sk in ["member", "head"] {
        let item = json!({ "pk": { "S": pk }, "sk": { "S": sk }, "seq": { "N": "0" } });
        call(http, aws, "PutItem", &json!({ "TableName": local::functions::TABLE, "Item": item })).await?;
    }
    Ok(())
}

fn transaction(pk: &str, seq: usize) -> Value {
    let table = local::functions::TABLE;
    let item = |sk: String, place: usize| {
        json!({
            "pk": { "S": pk }, "sk": { "S": sk }, "seq": { "N": (seq + 1).to_string() },
            "said": { "S": "x".repeat(SIZES[place]) },
        })
    };
    let put = |item: Value| json!({ "Put": { "TableName": table, "Item": item, "ConditionExpression": "attribute_not_exists(pk)" } });
    json!({ "TransactItems": [
        { "ConditionCheck": {
            "TableName": table, "Key": { "pk": { "S": pk }, "sk": { "S": "member" } },
            "ConditionExpression": "attribute_exists(pk)",
        } },
        { "Put": {
            "TableName": table, "Item": item("head".to_owned(), 0), "ConditionExpression": "seq = :was",
            "ExpressionAttributeValues": { ":was": { "N": seq.to_string() } },
        } },
        put(item(format!("entry#{seq}"), 1)),
        put(item(format!("key#{seq}"), 2)),
    ] })
}

async fn call(http: &Client, aws: &str, operation: &str, asked: &Value) -> anyhow::Result<()> {
    let request = http
        .post(aws)
        .header("x-amz-target", format!("DynamoDB_20120810.{operation}"))
        .header("content-type", "application/x-amz-json-1.0")
        // The embedded table wants a signature and does not look whether it is one.
        .header("x-amz-date", "20260101T000000Z")
        .header("authorization", "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
        .body(asked.to_string());
    let answer = request.send().await.context(operation.to_owned())?;
    let status = answer.status();
    anyhow::ensure!(status.is_success(), "{operation}: {status} {}", answer.text().await?);
    Ok(())
}
