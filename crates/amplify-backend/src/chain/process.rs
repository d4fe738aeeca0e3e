//! `credential_process`: a program that prints credentials.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use signing::Credentials;
use tokio::io::AsyncReadExt as _;
use tokio::process::Command;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::profile::Profile;
use super::{Found, json};
use crate::CredentialsError;

/// The most that is read of what a program prints.
const LIMIT: usize = 64 * 1024;

const PROPERTY: &str = "credential_process";

pub(super) async fn ask(profile: &Profile<'_>, limit: Duration) -> Found {
    let Some(line) = profile.get(PROPERTY) else {
        return profile.lacks(PROPERTY);
    };
    // Neither the line nor what the program says: both may hold secrets.
    let failed = |why: String| {
        let place = profile.origin(PROPERTY);
        CredentialsError::new(format!("{place}: the credential_process {why}"))
    };
    let Some((program, arguments)) = split(line) else {
        return Err(failed("has a quote that does not end".to_owned()).into());
    };
    let output = match timeout(limit, run(&program, &arguments)).await {
        Ok(Ok(Outcome::Ended(status, output))) if status.success() => output,
        Ok(Ok(Outcome::Ended(status, _))) => {
            return Err(failed(format!("failed, {status}: run it by hand to see why")).into());
        }
        Ok(Ok(Outcome::TooMuch)) => {
            return Err(failed(format!("printed more than {LIMIT} bytes and was killed")).into());
        }
        Ok(Err(error)) => return Err(failed("cannot be run".to_owned()).with_source(error).into()),
        Err(_) => {
            return Err(failed(format!("took longer than {limit:?} and was killed")).into());
        }
    };
    read(&output).map_err(|why| failed(format!("printed what is no key: {why}")).into())
}

enum Outcome {
    TooMuch,
    Ended(ExitStatus, Zeroizing<Vec<u8>>),
}

/// Runs the program. It is killed when the future is dropped, or has too much to say.
async fn run(program: &str, arguments: &[String]) -> io::Result<Outcome> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    let mut output = Zeroizing::new(Vec::with_capacity(LIMIT));
    if let Some(stdout) = child.stdout.take() {
        let most = u64::try_from(LIMIT).unwrap_or(u64::MAX).saturating_add(1);
        stdout.take(most).read_to_end(&mut output).await?;
    }
    if output.len() > LIMIT {
        child.kill().await?;
        return Ok(Outcome::TooMuch);
    }
    Ok(Outcome::Ended(child.wait().await?, output))
}

fn read(output: &[u8]) -> Result<Credentials, String> {
    let json = json::parse(output)?;
    match json.get("Version") {
        Some(version) if version.as_u64() == Some(1) => json::keys(&json, "SessionToken"),
        Some(_) => Err("its Version is not 1".to_owned()),
        None => Err("it has no Version".to_owned()),
    }
}

/// The program and its arguments, as a shell would split them; no shell is involved.
fn split(line: &str) -> Option<(String, Vec<String>)> {
    let mut words = match cfg!(windows) {
        true => split_for_windows(line)?,
        false => shlex::split(line)?,
    }
    .into_iter();
    Some((words.next()?, words.collect()))
}

/// As Windows programs split their command line: a backslash is one unless a quote follows.
fn split_for_windows(line: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = None::<String>;
    let mut quoted = false;
    let mut letters = line.chars().peekable();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' if letters.peek() == Some(&'"') => {
                letters.next();
                word.get_or_insert_default().push('"');
            }
            '"' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            letter if letter.is_whitespace() && !quoted => words.extend(word.take()),
            letter => word.get_or_insert_default().push(letter),
        }
    }
    words.extend(word);
    (!quoted).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_split_as_a_shell_does_and_on_windows_as_windows_does() {
        let words = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect());
        let line = r#""C:\Program Files\tool.exe" --a "b c" \"d\" ''"#;
        let split: Option<Vec<_>> =
            words(&[r"C:\Program Files\tool.exe", "--a", "b c", "\"d\"", "''"]);
        assert_eq!(split_for_windows(line), split);
        assert_eq!(split_for_windows("a \"b"), None);
        assert_eq!(split_for_windows("a \"\""), words(&["a", ""]));
        if cfg!(unix) {
            let (program, arguments) = super::split(r#"/bin/tool 'a b' "c" d\ e"#).unwrap();
            assert_eq!(
                (&*program, arguments),
                ("/bin/tool", words(&["a b", "c", "d e"]).unwrap())
            );
            assert!(super::split("tool 'a").is_none());
            assert!(super::split("  ").is_none());
        }
    }

    #[test]
    fn only_version_1_is_understood() {
        for (output, message) in [
            (r#"{"AccessKeyId":"CANARY"}"#, "it has no Version"),
            (
                r#"{"Version":2,"AccessKeyId":"CANARY"}"#,
                "its Version is not 1",
            ),
            (
                r#"{"Version":1,"AccessKeyId":"CANARY"}"#,
                "it has no SecretAccessKey",
            ),
        ] {
            assert_eq!(read(output.as_bytes()).unwrap_err(), message);
        }
    }
}
