//! What a signature has to look like.

use amplify_backend_signing::{Verifier, VerifyError};

use crate::{
    credentials, presigned, refused, request, signed, signer, unsigned, verify, with_authorization,
    with_header, with_query,
};

/// What every presigned request has in its query.
const PARAMETERS: [&str; 6] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-SignedHeaders",
    "X-Amz-Expires",
    "X-Amz-Signature",
];

#[test]
fn an_unchanged_request_is_accepted() {
    assert_eq!(refused(&signed()), None);
    assert_eq!(refused(&presigned()), None);
}

#[test]
fn a_request_without_a_signature_is_refused() {
    assert_eq!(
        refused(&unsigned()),
        Some(VerifyError::MissingAuthentication)
    );
}

#[test]
fn a_request_with_two_signatures_is_refused() {
    let authorization = signed().headers()["authorization"].clone();
    let both = with_header(
        &presigned(),
        "authorization",
        authorization.to_str().unwrap(),
    );
    assert_eq!(refused(&both), Some(VerifyError::TwoSignatures));
    let bearer = with_header(&presigned(), "authorization", "Bearer token");
    assert_eq!(refused(&bearer), Some(VerifyError::TwoSignatures));
    let mut escaped = signed();
    *escaped.uri_mut() = "/path?X-Amz-Signatur%65=a".parse().unwrap();
    assert_eq!(refused(&escaped), Some(VerifyError::TwoSignatures));
}

#[test]
fn a_date_or_a_token_in_the_query_is_no_signature_and_each_other_part_begins_one() {
    let verifier = Verifier::new(signer());
    for (parameter, error) in [
        ("X-Amz-Date=a", VerifyError::MissingAuthentication),
        ("X-Amz-Expires=1", VerifyError::MissingAuthentication),
        ("X-Amz-SignedHeaders=a", VerifyError::MissingAuthentication),
        ("X-Amz-Security-Token=a", VerifyError::MissingAuthentication),
        ("X-Amz-Algorithm=a", VerifyError::UnsupportedAlgorithm),
        (
            "X-Amz-Credential=a",
            VerifyError::Missing("X-Amz-Algorithm"),
        ),
        ("X-Amz-Signature=a", VerifyError::Missing("X-Amz-Algorithm")),
    ] {
        let request = request(&format!("/?{parameter}"));
        assert_eq!(verify(&verifier, &request, &credentials()), Err(error));
    }
}

#[test]
fn what_may_be_there_once_is_refused_when_it_is_there_twice() {
    let authorization = signed().headers()["authorization"].clone();
    let authorization = authorization.to_str().unwrap();
    for (name, value, repeated) in [
        ("authorization", authorization, "authorization"),
        ("x-amz-date", "20150830T123600Z", "x-amz-date"),
        ("host", "example.com", "Host"),
    ] {
        let request = with_header(&signed(), name, value);
        assert_eq!(
            refused(&request),
            Some(VerifyError::Repeated(repeated)),
            "{name}"
        );
    }
    for field in ["Credential=a", "SignedHeaders=host", "Signature=a"] {
        let request = with_authorization("Signature=", &format!("{field}, Signature="));
        let repeated = match field.split_once('=').unwrap().0 {
            "Credential" => "Credential",
            "SignedHeaders" => "SignedHeaders",
            _ => "Signature",
        };
        assert_eq!(
            refused(&request),
            Some(VerifyError::Repeated(repeated)),
            "{field}"
        );
    }
    for name in PARAMETERS {
        for again in [name.to_owned(), name.replace("X-", "%58-")] {
            let request = with_query("a=b", &format!("{again}=a"));
            assert_eq!(
                refused(&request),
                Some(VerifyError::Repeated(name)),
                "{again}"
            );
        }
    }
}

#[test]
fn every_part_has_to_be_there() {
    let credential = "Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, ";
    for (part, missing) in [
        (credential, "Credential"),
        ("SignedHeaders=host;x-amz-date, ", "SignedHeaders"),
    ] {
        let request = with_authorization(part, "");
        assert_eq!(refused(&request), Some(VerifyError::Missing(missing)));
    }
    let mut no_signature = signed();
    let authorization = no_signature.headers_mut().remove("authorization").unwrap();
    let (head, _) = authorization
        .to_str()
        .unwrap()
        .split_once(", Signature")
        .unwrap();
    let no_signature = with_header(&no_signature, "authorization", head);
    assert_eq!(
        refused(&no_signature),
        Some(VerifyError::Missing("Signature"))
    );
    let mut no_date = signed();
    no_date.headers_mut().remove("x-amz-date");
    assert_eq!(refused(&no_date), Some(VerifyError::Missing("X-Amz-Date")));
    // `Date` is not a stand-in: no signer of AWS leaves `X-Amz-Date` out.
    let other_date = with_header(&no_date, "date", "Sun, 30 Aug 2015 12:36:00 GMT");
    assert_eq!(
        refused(&other_date),
        Some(VerifyError::Missing("X-Amz-Date"))
    );
    let mut no_host = signed();
    no_host.headers_mut().remove("host");
    assert_eq!(refused(&no_host), Some(VerifyError::Missing("Host")));
    for name in PARAMETERS {
        let request = with_query(&format!("{name}="), "other=");
        assert_eq!(refused(&request), Some(VerifyError::Missing(name)));
    }
}

#[test]
fn another_algorithm_is_refused() {
    for (from, to) in [
        ("AWS4-HMAC-SHA256", "AWS4-ECDSA-P256-SHA256"),
        ("AWS4-HMAC-SHA256", "aws4-hmac-sha256"),
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256,"),
        ("AWS4-HMAC-SHA256 ", "Bearer "),
    ] {
        assert_eq!(
            refused(&with_authorization(from, to)),
            Some(VerifyError::UnsupportedAlgorithm)
        );
    }
    let request = with_query("=AWS4-HMAC-SHA256", "=AWS4-HMAC-SHA1");
    assert_eq!(refused(&request), Some(VerifyError::UnsupportedAlgorithm));
}

#[test]
fn what_is_malformed_is_named() {
    for (from, to, part) in [
        ("Credential=", "Credential", "Authorization"),
        ("Credential=", "Other=a, Credential=", "Authorization"),
        ("Credential=AKIDEXAMPLE/", "Credential=", "Credential"),
        ("Credential=AKIDEXAMPLE/", "Credential=/", "Credential"),
        (
            "Credential=AKIDEXAMPLE/",
            "Credential=AKID/EXAMPLE/",
            "Credential",
        ),
        ("/us-east-1/", "//", "Credential"),
        ("/aws4_request", "/", "Credential"),
        ("host;x-amz-date", "", "SignedHeaders"),
        ("host;x-amz-date", "host;;x-amz-date", "SignedHeaders"),
        ("host;x-amz-date", "host;x-amz-date;", "SignedHeaders"),
        ("host;x-amz-date", "Host;x-amz-date", "SignedHeaders"),
        ("host;x-amz-date", "host x-amz-date", "SignedHeaders"),
        ("Signature=", "Signature=0", "Signature"),
        ("Signature=", "Signature=g", "Signature"),
    ] {
        let request = with_authorization(from, to);
        assert_eq!(
            refused(&request),
            Some(VerifyError::Malformed(part)),
            "{from} {to}"
        );
    }
    let mut short = with_header(&unsigned(), "x-amz-date", "20150830T123600Z");
    short = with_header(
        &short,
        "authorization",
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=00",
    );
    assert_eq!(refused(&short), Some(VerifyError::Malformed("Signature")));
    let request = signed();
    let authorization = request.headers()["authorization"].to_str().unwrap();
    let (_, digits) = authorization.split_once("Signature=").unwrap();
    let upper = with_authorization(digits, &digits.to_uppercase());
    assert_eq!(refused(&upper), Some(VerifyError::Malformed("Signature")));
    for date in [
        "20150830T123600",
        "2015-08-30T12:36:00Z",
        "20150830T250000Z",
        "",
        "19691231T235959Z",
    ] {
        let mut request = signed();
        request.headers_mut().remove("x-amz-date");
        let request = with_header(&request, "x-amz-date", date);
        assert_eq!(
            refused(&request),
            Some(VerifyError::Malformed("X-Amz-Date")),
            "{date}"
        );
    }
    let not_utf8 = with_query("=AKIDEXAMPLE", "=%FF");
    assert_eq!(
        refused(&not_utf8),
        Some(VerifyError::Malformed("X-Amz-Credential"))
    );
}

#[test]
fn the_names_of_the_signed_headers_have_one_order() {
    for names in ["x-amz-date;host", "host;host;x-amz-date"] {
        let request = with_authorization("host;x-amz-date", names);
        assert_eq!(
            refused(&request),
            Some(VerifyError::SignedHeadersNotSorted),
            "{names}"
        );
    }
}

#[test]
fn a_presigned_request_holds_for_a_second_to_a_week() {
    for expires in [
        "0",
        "604801",
        "-1",
        "+1",
        "1.5",
        "",
        "99999999999999999999999",
        "1e3",
        "%20",
    ] {
        let request = with_query("X-Amz-Expires=3600", &format!("X-Amz-Expires={expires}"));
        assert_eq!(
            refused(&request),
            Some(VerifyError::InvalidExpiry),
            "{expires}"
        );
    }
}

#[test]
fn a_large_request_is_looked_at_once_and_refused() {
    let mut request = signed();
    let names: Vec<String> = (0..5000).map(|number| format!("a{number:05}")).collect();
    let names = format!("{};host;x-amz-date", names.join(";"));
    request = {
        let authorization = request.headers()["authorization"]
            .to_str()
            .unwrap()
            .to_owned();
        request.headers_mut().remove("authorization");
        let authorization = authorization.replace("host;x-amz-date", &names);
        with_header(&request, "authorization", &authorization)
    };
    assert!(matches!(
        refused(&request),
        Some(VerifyError::SignedHeaderAbsent(_))
    ));
    let mut request = signed();
    let query = "a=%20&".repeat(10_000);
    *request.uri_mut() = format!("/path?{query}").parse().unwrap();
    assert!(matches!(
        refused(&request),
        Some(VerifyError::SignatureMismatch(_))
    ));
}
