//! Signatures and tokens: published AWS vectors, and a Google assertion that its own key verifies.

mod clients;

use baml_provider::aws_signature::{AwsKeys, SigningScope, sign};
use baml_provider::{GoogleCredentials, Header, HttpRequest, ProviderError, Signing, Token};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, RsaKeyPair, UnparsedPublicKey};
use serde_json::{Value as Json, json};

/// The keys, place and time of AWS's published test suite for signature version 4.
const SCOPE: SigningScope<'static> =
    SigningScope { region: "us-east-1", service: "service", time: "20150830T123600Z" };

fn vector(method: &'static str, target: &str, headers: &[(&str, &str)], body: &str) -> String {
    vector_with_token(method, target, headers, body, None)
}

fn vector_with_token(
    method: &'static str,
    target: &str,
    headers: &[(&str, &str)],
    body: &str,
    token: Option<&str>,
) -> String {
    let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    let keys = AwsKeys::new("AKIDEXAMPLE", secret, token.map(str::to_owned));
    let mut request = HttpRequest {
        method,
        url: format!("https://example.amazonaws.com{target}"),
        headers: headers.iter().map(|(name, value)| Header::new(*name, *value)).collect(),
        body: Json::Null,
        signing: Signing::None,
    };
    sign(&mut request, body.as_bytes(), &keys, SCOPE);
    assert!(!format!("{request:?} {keys:?}").contains("wJalr"));
    let authorization = request.header("authorization").expect("signed");
    authorization.rsplit('=').next().unwrap_or_default().to_owned()
}

#[test]
fn signatures_equal_the_published_vectors() {
    assert_eq!(
        vector("GET", "/", &[], ""),
        "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    );
    assert_eq!(
        vector("GET", "/?Param2=value2&Param1=value1", &[], ""),
        "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"
    );
    assert_eq!(
        vector("GET", "/\u{1234}", &[], ""),
        "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"
    );
    assert_eq!(
        vector("POST", "/", &[], ""),
        "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(
        vector("POST", "/", &form, "Param1=value1"),
        "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"
    );
}

#[test]
fn a_session_token_is_signed_with_the_rest() {
    let token = "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMi\
        cRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0K\
        PkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64lIZbqBAz+\
        scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA==";
    assert_eq!(
        vector_with_token("POST", "/", &[], "", Some(token)),
        "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"
    );
}

fn key_pem() -> String {
    let path = baml_testkit::testdata().join("request/test-only-rsa-key.pem");
    std::fs::read_to_string(path).expect("the key for tests")
}

fn service_account(pem: &str) -> String {
    json!({
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "k1",
        "private_key": pem,
        "client_email": "svc@p.iam.gserviceaccount.com",
        "token_uri": "http://127.0.0.1:1/token",
    })
    .to_string()
}

#[test]
fn google_assertion_says_who_asks_and_verifies() {
    let pem = key_pem();
    let credentials = GoogleCredentials::parse("C", &service_account(&pem)).expect("good");
    assert_eq!(credentials.project_id.as_deref(), Some("p"));
    let request = credentials.token_request("C", 1_000).expect("signed");
    assert_eq!(request.url, "http://127.0.0.1:1/token");
    assert!(!format!("{credentials:?}{request:?}").contains("BEGIN"));

    let form: Vec<_> = url::form_urlencoded::parse(request.form.reveal().as_bytes()).collect();
    assert_eq!(form[0].1, "urn:ietf:params:oauth:grant-type:jwt-bearer");
    let (text, signature) = form[1].1.rsplit_once('.').expect("three parts");
    let part = |part: &str| -> Json {
        serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).expect("base64")).expect("JSON")
    };
    let (header, claims) = text.split_once('.').expect("two parts");
    assert_eq!(part(header), json!({ "alg": "RS256", "typ": "JWT", "kid": "k1" }));
    let claims = part(claims);
    assert_eq!(claims["iss"], "svc@p.iam.gserviceaccount.com");
    assert_eq!(claims["aud"], "http://127.0.0.1:1/token");
    assert_eq!((claims["iat"].as_u64(), claims["exp"].as_u64()), (Some(1_000), Some(4_600)));

    let body: String = pem.lines().filter(|line| !line.starts_with("--")).collect();
    let key = RsaKeyPair::from_pkcs8(&STANDARD.decode(body).expect("base64")).expect("a key");
    let key = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
    let signature = URL_SAFE_NO_PAD.decode(signature).expect("base64");
    key.verify(text.as_bytes(), &signature).expect("its own signature");
}

#[test]
fn google_credentials_of_a_user_ask_with_the_refresh_token() {
    let text = json!({
        "type": "authorized_user", "client_id": "id", "client_secret": "s&s",
        "refresh_token": "r", "quota_project_id": "q",
    });
    let credentials = GoogleCredentials::parse("C", &text.to_string()).expect("good");
    let request = credentials.token_request("C", 0).expect("no key needed");
    assert_eq!(request.url, "https://oauth2.googleapis.com/token");
    assert_eq!(
        request.form.reveal(),
        "grant_type=refresh_token&client_id=id&client_secret=s%26s&refresh_token=r"
    );
    assert_eq!(credentials.project_id.as_deref(), Some("q"));
}

#[test]
fn broken_google_credentials_are_named_but_not_shown() {
    let error = |text: &str| {
        let outcome = GoogleCredentials::parse("C", text);
        let outcome = outcome.and_then(|credentials| credentials.token_request("C", 0).map(drop));
        match outcome {
            Err(error @ ProviderError::Credentials { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert!(error("hunter2").contains("not JSON"));
    assert!(error("{}").contains("without `type`"));
    assert!(error(r#"{"type":"x"}"#).contains("`x`"));
    assert!(error(r#"{"type":"service_account"}"#).contains("client_email"));
    let bad_key =
        error(&service_account("-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----"));
    assert!(bad_key.contains("not an RSA key") && !bad_key.contains("c2VjcmV0"), "{bad_key}");
    assert!(error(&service_account("plain")).contains("PEM"));
}

#[test]
fn token_answers_are_read_or_explained() {
    let token = Token::parse("C", br#"{"access_token":"t","expires_in":3599}"#).expect("granted");
    assert_eq!((token.access_token.reveal(), token.expires_in_seconds), ("t", 3599));
    let denied = br#"{"error":"invalid_grant","error_description":"Bad signature"}"#;
    let error = Token::parse("C", denied).expect_err("denied").to_string();
    assert!(error.contains("Bad signature"), "{error}");
    assert!(Token::parse("C", b"<html>").is_err());
}

#[test]
fn aws_keys_come_from_options_before_the_environment() {
    use baml_provider::Cloud;
    use baml_schema::OptionValue::String as Text;
    let base = [("model", Text("m".into())), ("region", Text("r".into()))];
    let env = [("AWS_ACCESS_KEY_ID", "E"), ("AWS_SECRET_ACCESS_KEY", "S"), ("AWS_REGION", "x")];
    let keys = |options: &[(&str, baml_schema::OptionValue)], env: &[(&str, &str)]| {
        let client = clients::try_client("aws-bedrock", options, env).expect("a client");
        match client.cloud() {
            Cloud::Aws(aws) => {
                (aws.keys.clone().map(|keys| keys.access_key_id), aws.region.clone())
            }
            _ => panic!("not AWS"),
        }
    };
    assert_eq!(keys(&base, &env), (Some("E".into()), Some("r".into())));
    assert_eq!(keys(&base[..1], &env[2..]), (None, Some("x".into())));
    let mut given = base.to_vec();
    given.push(("access_key_id", Text("O".into())));
    let half = clients::try_client("aws-bedrock", &given, &env).expect_err("half a pair");
    assert!(half.to_string().contains("together"), "{half}");
    given.push(("secret_access_key", Text("T".into())));
    assert_eq!(keys(&given, &env).0.as_deref(), Some("O"));
    let mut profile = base.to_vec();
    profile.push(("profile", Text("p".into())));
    assert_eq!(keys(&profile, &env).0, None, "a named profile beats the environment");
    let bare = clients::client("aws-bedrock", &[]);
    assert!(matches!(bare.cloud(), Cloud::Aws(aws) if aws.keys.is_none()));
}
