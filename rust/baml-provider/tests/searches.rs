//! Searches for credentials, driven by a table of files and pages instead of a machine.

mod clients;

use std::collections::HashMap;

use baml_provider::{
    AwsSearchOutcome, Cloud, Delivery, Fetch, GoogleFound, ProviderError, Step, build_request,
};
use baml_schema::OptionValue;
use clients::try_client;

/// Files by path, and pages by `METHOD url`; whatever is not there does not answer.
type World<'a> = HashMap<&'a str, &'a str>;

/// Steps of a search are far fewer; a loop would be a fault.
const STEPS_MAX: usize = 20;

fn drive<T>(
    world: &World<'_>,
    seen: &mut Vec<String>,
    mut step: impl FnMut(Option<&[u8]>) -> Step<T>,
) -> T {
    let mut answer: Option<Vec<u8>> = None;
    for _ in 0..STEPS_MAX {
        let key = match step(answer.as_deref()) {
            Step::Done(outcome) => return outcome,
            Step::Read(path) => path,
            Step::Fetch(fetch) => describe(&fetch),
        };
        answer = world.get(key.as_str()).map(|text| text.as_bytes().to_vec());
        seen.push(key);
    }
    panic!("the search does not end: {seen:?}");
}

fn describe(fetch: &Fetch) -> String {
    let headers: Vec<_> =
        fetch.headers.iter().map(|h| format!(" {}={}", h.name, h.value)).collect();
    assert!(!format!("{fetch:?}").contains("hush"), "{fetch:?}");
    format!("{} {}{}", fetch.method, fetch.url, headers.concat())
}

type AwsAnswer = (Result<AwsSearchOutcome, ProviderError>, Vec<String>);

fn aws(options: &[(&str, &str)], env: &[(&str, &str)], world: &World<'_>) -> AwsAnswer {
    let text = |value: &str| OptionValue::String(value.into());
    let mut all = vec![("model", text("m"))];
    all.extend(options.iter().map(|(key, value)| (*key, text(value))));
    let client = try_client("aws-bedrock", &all, env).expect("a client");
    let Cloud::Aws(aws) = client.cloud() else { panic!("not AWS") };
    let mut search = match &aws.keys {
        Some(_) => aws.search_region("C").expect("the region is missing"),
        None => aws.search_keys("C"),
    };
    let mut seen = Vec::new();
    let outcome = drive(world, &mut seen, |answer| search.step(answer));
    (outcome, seen)
}

fn key_id(outcome: Result<AwsSearchOutcome, ProviderError>) -> String {
    outcome.expect("found").keys.expect("keys").keys.access_key_id
}

const LENT: &str = r#"{"AccessKeyId":"LENT","SecretAccessKey":"hush","Token":"hush",
    "Expiration":"2030-01-02T03:04:05Z"}"#;

#[test]
fn profile_files_come_first_and_bring_the_region() {
    let world = World::from([
        ("/h/.aws/credentials", "[default]\naws_access_key_id=P\naws_secret_access_key=hush"),
        ("/h/.aws/config", "[default]\nregion = eu-north-1"),
    ]);
    let (outcome, seen) = aws(&[], &[("HOME", "/h")], &world);
    let outcome = outcome.expect("found");
    assert_eq!(outcome.region.as_deref(), Some("eu-north-1"));
    assert_eq!(key_id(Ok(outcome)), "P");
    assert_eq!(seen, ["/h/.aws/credentials", "/h/.aws/config"]);
}

#[test]
fn keys_without_a_region_look_only_for_the_region() {
    let world = World::from([("/c", "[profile p]\nregion = r1")]);
    let env = [("AWS_CONFIG_FILE", "/c"), ("AWS_PROFILE", "p")];
    let keys = [("access_key_id", "O"), ("secret_access_key", "hush")];
    let (outcome, seen) = aws(&keys, &env, &world);
    let outcome = outcome.expect("found");
    assert_eq!((outcome.region.as_deref(), seen), (Some("r1"), vec!["/c".to_owned()]));
    assert!(outcome.keys.is_none());
    let known = clients::client("aws-bedrock", &[]);
    assert!(matches!(known.cloud(), Cloud::Aws(aws) if aws.search_region("C").is_none()));
}

#[test]
fn a_profile_that_is_asked_for_ends_the_search() {
    let world = World::from([("/c", "[profile sso]\nsso_session = x\n[profile none]\nregion = r")]);
    let env = [("AWS_CONFIG_FILE", "/c"), ("AWS_REGION", "r")];
    for (profile, word) in
        [("sso", "`sso_session`"), ("none", "holds no keys"), ("x", "no profile")]
    {
        let (outcome, seen) = aws(&[("profile", profile)], &env, &world);
        let said = outcome.expect_err(profile).to_string();
        assert!(said.contains(word) && said.contains("`C`"), "{said}");
        assert_eq!(seen, ["/c"], "no machine is asked");
    }
}

#[test]
fn web_identity_is_exchanged_for_keys() {
    let xml = "<AssumeRoleWithWebIdentityResponse><Credentials><AccessKeyId>W</AccessKeyId>\
        <SecretAccessKey>hush</SecretAccessKey><SessionToken>t</SessionToken>\
        <Expiration>2030-01-02T03:04:05Z</Expiration></Credentials>";
    let sts = "POST http://127.0.0.1:1/ content-type=application/x-www-form-urlencoded";
    let world = World::from([("/token", "jwt\n"), (sts, xml)]);
    let env = [
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "/token"),
        ("AWS_ROLE_ARN", "arn:r"),
        ("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1/"),
        ("AWS_REGION", "r"),
    ];
    let (outcome, seen) = aws(&[], &env, &world);
    assert_eq!(
        outcome.as_ref().ok().and_then(|o| o.keys.as_ref()?.expires_at),
        Some(1_893_553_445)
    );
    assert_eq!(key_id(outcome), "W");
    assert_eq!(seen, ["/token", sts]);
}

#[test]
fn containers_and_instances_lend_keys() {
    let page = "GET http://169.254.170.2/creds authorization=hush";
    let world = World::from([("/auth", "hush"), (page, LENT)]);
    let env = [
        ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/creds"),
        ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "/auth"),
        ("AWS_REGION", "r"),
    ];
    assert_eq!(key_id(aws(&[], &env, &world).0), "LENT");

    let token =
        "PUT http://127.0.0.1:2/latest/api/token x-aws-ec2-metadata-token-ttl-seconds=21600";
    let roles = "http://127.0.0.1:2/latest/meta-data/iam/security-credentials/";
    let list = format!("GET {roles} x-aws-ec2-metadata-token=hush");
    let role = format!("GET {roles}role-a x-aws-ec2-metadata-token=hush");
    let world = World::from([(token, "hush"), (&*list, "role-a\n"), (&*role, LENT)]);
    let env = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:2/"), ("AWS_REGION", "r")];
    let (outcome, seen) = aws(&[], &env, &world);
    assert_eq!((key_id(outcome), seen.len()), ("LENT".to_owned(), 3));
}

#[test]
fn a_search_that_finds_nothing_says_where_it_looked() {
    let env = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:2"), ("HOME", "/h")];
    let (outcome, _) = aws(&[], &env, &World::new());
    let said = outcome.expect_err("nothing").to_string();
    assert!(said.contains("looked in: profile files, instance metadata"), "{said}");
    let env = [("AWS_EC2_METADATA_DISABLED", "true")];
    let (outcome, seen) = aws(&[], &env, &World::new());
    assert!(outcome.is_err() && seen.is_empty());
    let env = [("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://elsewhere.example/")];
    let said = aws(&[], &env, &World::new()).0.expect_err("unsafe").to_string();
    assert!(said.contains("https"), "{said}");
}

fn google(
    env: &[(&str, &str)],
    world: &World<'_>,
) -> (Result<GoogleFound, ProviderError>, Vec<String>) {
    let options =
        [("model", OptionValue::String("m".into())), ("location", OptionValue::String("l".into()))];
    let mut client = try_client("vertex-ai", &options, env).expect("a client");
    let Cloud::Google(google) = client.cloud() else { panic!("not Google") };
    let mut search = google.search("C").expect("credentials are missing");
    let mut seen = Vec::new();
    let outcome = drive(world, &mut seen, |answer| search.step(answer));
    if let (Ok(found), Cloud::Google(google)) = (&outcome, client.cloud_mut()) {
        google.provide(found.clone());
        let message = baml_prompt::Message {
            role: "user".into(),
            allow_duplicate_role: false,
            metadata: Default::default(),
            parts: vec![baml_prompt::Part::Text("hi".into())],
        };
        let request = build_request(&client, &[message], Delivery::Whole).expect("a project");
        assert!(request.url.contains("/projects/p/locations/l/"), "{}", request.url);
    }
    (outcome, seen)
}

const USER: &str = r#"{"type":"authorized_user","client_id":"i","client_secret":"hush",
    "refresh_token":"hush","quota_project_id":"p"}"#;

#[test]
fn google_files_come_before_the_metadata_server() {
    let world = World::from([("/g.json", USER)]);
    let (outcome, seen) = google(&[("GOOGLE_APPLICATION_CREDENTIALS", "/g.json")], &world);
    assert!(matches!(outcome, Ok(GoogleFound::Credentials(_))));
    assert_eq!(seen, ["/g.json"]);

    let default = "/h/.config/gcloud/application_default_credentials.json";
    let (outcome, seen) = google(&[("HOME", "/h")], &World::from([(default, USER)]));
    assert!(matches!(outcome, Ok(GoogleFound::Credentials(_))));
    assert_eq!(seen, [default]);

    let (outcome, seen) = google(&[("GOOGLE_APPLICATION_CREDENTIALS", "/no")], &World::new());
    let said = outcome.expect_err("no file").to_string();
    assert!(said.contains("/no") && seen == ["/no"], "{said}");
}

#[test]
fn google_machines_give_a_token_and_their_project() {
    let base = "GET http://127.0.0.1:3/computeMetadata/v1";
    let project = format!("{base}/project/project-id metadata-flavor=Google");
    let token = format!("{base}/instance/service-accounts/default/token metadata-flavor=Google");
    let world = World::from([
        (&*project, "p"),
        (&*token, r#"{"access_token":"hush","expires_in":60,"token_type":"Bearer"}"#),
    ]);
    let env = [("GCE_METADATA_HOST", "127.0.0.1:3")];
    let (outcome, _) = google(&env, &world);
    match outcome.expect("found") {
        GoogleFound::Token { token, project_id } => {
            assert_eq!((token.expires_in_seconds, project_id.as_deref()), (60, Some("p")));
        }
        GoogleFound::Credentials(_) => panic!("credentials of nobody"),
    }
    let (outcome, seen) = google(&env, &World::new());
    let said = outcome.expect_err("nobody answers").to_string();
    assert!(said.contains("options.credentials") && seen.len() == 1, "{said}");
}
