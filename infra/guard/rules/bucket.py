"""Rules about both buckets, and about that of attachments."""

from rule import rule
from template import arn, as_list, at, of_type, properties, statement, target

# The bucket of which nothing may ever go. Everything that goes again is in the others.
TRAIL = "TrailBucket"


def denials(template: dict, bucket: str) -> list:
    """What the policies of a bucket deny to everybody."""
    policies = of_type(template, "AWS::S3::BucketPolicy").values()
    documents = [policy["PolicyDocument"] for policy in policies if target(policy["Bucket"]) == bucket]
    statements = [one for document in documents for one in as_list(document["Statement"])]
    return [one for one in statements if one["Effect"] == "Deny" and one["Principal"] == "*"]


def denied_at(template: dict, bucket: str, wanted: dict) -> bool:
    """Whether a policy of a bucket denies this to everybody."""
    return any(wanted.items() <= denied.items() for denied in denials(template, bucket))


def objects(bucket: str, prefix: str = "") -> dict:
    return {"Fn::Sub": f"${{{bucket}.Arn}}/{prefix}*"}


def emptied(template: dict) -> dict:
    """The buckets in which what is kept goes again."""
    return {name: bucket for name, bucket in of_type(template, "AWS::S3::Bucket").items() if name != TRAIL}


@rule(
    lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].update(BlockPublicAcls=False),
    lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].update(BlockPublicPolicy=False),
    lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].update(IgnorePublicAcls=False),
    lambda t: properties(t, "Bucket")["PublicAccessBlockConfiguration"].pop("RestrictPublicBuckets"),
)
def bucket_private(template):
    """can be made public (HIPAA 164.312(a)(1), Part 11 11.10(d), NIST AC-3, SC-7)"""
    four = ("BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets")
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        if not all(at(bucket, "PublicAccessBlockConfiguration", one) is True for one in four):
            yield name


@rule(lambda t: properties(t, "Bucket")["OwnershipControls"]["Rules"][0].update(ObjectOwnership="ObjectWriter"))
def bucket_owner(template):
    """lets who uploads say who may read (HIPAA 164.312(a)(1), Part 11 11.10(d), NIST AC-3, AC-6)"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        if at(bucket, "OwnershipControls", "Rules") != [{"ObjectOwnership": "BucketOwnerEnforced"}]:
            yield name


@rule(
    lambda t: properties(t, "Bucket").pop("BucketEncryption"),
    lambda t: properties(t, "Bucket")["BucketEncryption"]["ServerSideEncryptionConfiguration"][0].pop("BucketKeyEnabled"),
)
def bucket_key(template):
    """is not encrypted with a bucket key under a key of ours (HIPAA 164.312(a)(2)(iv), Part 11 11.30, NIST SC-28(1))"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        configured = at(bucket, "BucketEncryption", "ServerSideEncryptionConfiguration", default=[{}])
        by = [at(one, "ServerSideEncryptionByDefault", default={}) for one in configured]
        own = all(target(one.get("KMSMasterKeyID")) in of_type(template, "AWS::KMS::Key") for one in by)
        if not (own and all(one.get("BucketKeyEnabled") is True for one in configured)):
            yield name


@rule(lambda t: properties(t, "Bucket")["VersioningConfiguration"].update(Status="Suspended"))
def bucket_versions(template):
    """forgets what is written over or deleted (HIPAA 164.312(c)(1), Part 11 11.10(e), NIST CP-9, SI-7)"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        if at(bucket, "VersioningConfiguration", "Status") != "Enabled":
            yield name


@rule(lambda t: statement(t, "BucketPolicy", "OnlyByTls").update(Resource=[arn("Bucket")]))
def bucket_tls(template):
    """answers without TLS (HIPAA 164.312(e)(1), Part 11 11.30, NIST SC-8(1))"""
    insecure = {"Bool": {"aws:SecureTransport": "false"}}
    for name in of_type(template, "AWS::S3::Bucket"):
        wanted = {"Action": "s3:*", "Resource": [arn(name), objects(name)], "Condition": insecure}
        if not denied_at(template, name, wanted):
            yield name


@rule(
    lambda t: statement(t, "BucketPolicy", "OnlyOnce").update(Condition={"Null": {"s3:if-match": "true"}}),
    lambda t: statement(t, "BucketPolicy", "OnlyOnce").update(Resource=objects("Bucket", "b/")),
)
def bucket_once(template):
    """lets an attachment be written a second time (HIPAA 164.312(c)(1), Part 11 11.10(e), NIST SI-7)"""
    unconditional = {"Null": {"s3:if-none-match": "true"}}
    for name in emptied(template):
        wanted = {"Action": "s3:PutObject", "Resource": objects(name, "a/"), "Condition": unconditional}
        if not denied_at(template, name, wanted):
            yield name


@rule(
    lambda t: statement(t, "BucketPolicy", "OnlyRecentlySigned").pop("Condition"),
    lambda t: statement(t, "BucketPolicy", "OnlyRecentlySignedBackups").pop("Condition"),
)
def bucket_links(template):
    """lets links work for longer than five minutes, back-ups' a quarter of an hour (HIPAA 164.312(d), NIST SC-23, AC-12)"""
    for name in emptied(template):
        backups = objects(name, "b/")
        for what, age in (({"NotResource": backups}, 300_000), ({"Resource": backups}, 900_000)):
            wanted = {"Action": "s3:*"} | what | {"Condition": {"NumericGreaterThan": {"s3:signatureAge": str(age)}}}
            if not denied_at(template, name, wanted):
                yield f"{name}, {age} ms"


@rule(
    lambda t: properties(t, "Bucket")["LifecycleConfiguration"]["Rules"].pop(0),
    lambda t: properties(t, "Bucket")["LifecycleConfiguration"]["Rules"][-1].update(Status="Disabled"),
)
def bucket_leftovers(template):
    """keeps parts of uploads, or back-ups, for more than three days (HIPAA 164.310(d)(2)(i), NIST MP-6, SI-12)"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        rules = [one for one in at(bucket, "LifecycleConfiguration", "Rules", default=[]) if one["Status"] == "Enabled"]
        aborted = [at(one, "AbortIncompleteMultipartUpload", "DaysAfterInitiation") for one in rules if "Prefix" not in one]
        if not any(days and days <= 3 for days in aborted):
            yield f"{name}, parts of uploads"
        passing = any(one.get("ExpirationInDays", 4) <= 3 for one in rules if one.get("Prefix") == "b/")
        if name in emptied(template) and not passing:
            yield f"{name}, back-ups"


@rule(lambda t: properties(t, "Bucket")["CorsConfiguration"]["CorsRules"][0].update(AllowedOrigins=["*"]))
def bucket_origins(template):
    """answers the pages of everybody (HIPAA 164.312(a)(1), NIST AC-4)"""
    for name, bucket in of_type(template, "AWS::S3::Bucket").items():
        for one in at(bucket, "CorsConfiguration", "CorsRules", default=[]):
            if any("*" in origin for origin in one["AllowedOrigins"] if isinstance(origin, str)):
                yield name


@rule(lambda t: properties(t, "Bucket").update(ObjectLockEnabled=True))
def bucket_unlocked(template):
    """keeps what has to go when its time is over (HIPAA 164.310(d)(2)(i), NIST SI-12, MP-6)"""
    for name, bucket in emptied(template).items():
        if "ObjectLockEnabled" in bucket or "ObjectLockConfiguration" in bucket:
            yield name
