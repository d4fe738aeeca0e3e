//! What `--query` picks of the output, in JMESPath.

use std::borrow::Cow;

use jmespath::functions::{AvgFn, Function};
use jmespath::{Context, JmespathError, Rcvar, Runtime, SearchResult, Variable};
use serde_json::Value;

use crate::failure::Failure;

/// Refuses a query that is not one before anything is sent.
pub(crate) fn check(query: &str) -> Result<(), Failure> {
    let compiled = jmespath::compile(&with_json_literals(query)).map(drop);
    compiled.map_err(|error| wrong("--query is not JMESPath", &error))
}

/// What `query` picks of `document`.
pub(crate) fn search(document: &Value, query: &str) -> Result<Value, Failure> {
    let mut runtime = Runtime::new();
    runtime.register_builtin_functions();
    runtime.register_function("avg", Box::new(Avg(AvgFn::new())));
    let found = runtime
        .compile(&with_json_literals(query))
        .and_then(|query| query.search(document))
        .map_err(|error| wrong("--query", &error))?;
    let found = serde_json::to_value(&*found);
    found
        .map(with_integers)
        .map_err(|error| Failure::unexpected(format!("--query: {error}")))
}

/// `query` with a literal that is not JSON as the text that it is to the AWS CLI: `` `FAILED` `` for
/// `` `"FAILED"` ``, as most scripts write it.
fn with_json_literals(query: &str) -> Cow<'_, str> {
    let mut written = String::new();
    let mut rest = query;
    while let Some(start) = rest.find(['`', '\'', '"']) {
        let (before, quoted) = rest.split_at(start);
        let mut letters = quoted.char_indices().skip(1);
        let delimiter = quoted.chars().next();
        let end = loop {
            match letters.next() {
                Some((_, '\\')) => drop(letters.next()),
                Some((end, letter)) if Some(letter) == delimiter => break end,
                Some(_) => {}
                // It does not end, which is for others to say.
                None => return Cow::Borrowed(query),
            }
        };
        let (literal, behind) = quoted.split_at(end + 1);
        written.push_str(before);
        match literal
            .strip_prefix('`')
            .and_then(|it| it.strip_suffix('`'))
        {
            Some(text) => written.push_str(&json_literal(text)),
            None => written.push_str(literal),
        }
        rest = behind;
    }
    written.push_str(rest);
    Cow::Owned(written)
}

/// What stands between two backquotes, as JSON if it is any, or is once it is in quotes.
fn json_literal(text: &str) -> String {
    let is_json = |text: &str| serde_json::from_str::<Value>(&text.replace("\\`", "`")).is_ok();
    let quoted = format!("\"{}\"", text.trim_start());
    match !is_json(text) && is_json(&quoted) {
        true => format!("`{quoted}`"),
        false => format!("`{text}`"),
    }
}

fn wrong(what: &str, error: &JmespathError) -> Failure {
    // It draws an arrow below the query; the first line says it.
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    Failure::usage(format!("{what}: {first}"))
}

/// The average, which the specification says is null where there is nothing; the crate's fails.
struct Avg(AvgFn);

impl Function for Avg {
    fn evaluate(&self, arguments: &[Rcvar], context: &mut Context<'_>) -> SearchResult {
        match arguments {
            [list] if list.as_array().is_some_and(Vec::is_empty) => Ok(Rcvar::new(Variable::Null)),
            _ => self.0.evaluate(arguments, context),
        }
    }
}

/// `value` with whole numbers written as such. The crate counts in floats: a sum would be 3.0.
fn with_integers(value: Value) -> Value {
    match value {
        Value::Number(number) => {
            let whole = number
                .as_f64()
                .filter(|it| number.is_f64() && it.fract() == 0.0);
            let integer = whole.and_then(|it| format!("{it:.0}").parse::<i64>().ok());
            integer.map_or(Value::Number(number), Value::from)
        }
        Value::Array(list) => list.into_iter().map(with_integers).collect(),
        Value::Object(members) => {
            let members = members.into_iter();
            let members = members.map(|(name, value)| (name, with_integers(value)));
            Value::Object(members.collect())
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn whole_numbers_have_no_fraction_and_others_keep_theirs() {
        let document = json!({"Times": ["1617375907613", "1617375907614", "1617375907616"]});
        let query = "[sum(Times[].to_number(@)), abs(`-3`), `-0`, `1e300`, \
                     {Half: avg(Times[:2].to_number(@))}]";
        assert_eq!(
            search(&document, query).unwrap(),
            json!([4852127722843_u64, 3, 0, 1e300, {"Half": 1617375907613.5}])
        );
    }

    #[test]
    fn a_literal_that_is_not_json_is_a_text() {
        let document = json!({"Jobs": [
            {"JobId": "a", "Status": "FAILED"}, {"JobId": "b", "Status": "COMPLETED"},
        ]});
        let found = |query: &str| search(&document, query).unwrap();
        assert_eq!(found("Jobs[?Status==`FAILED`].JobId"), json!(["a"]));
        assert_eq!(found("Jobs[?Status==`\"FAILED\"`].JobId"), json!(["a"]));
        assert_eq!(found("join(`,`, Jobs[].JobId)"), json!("a,b"));
        assert_eq!(
            found(r"[` a`, `1`, `null`, `a\`b`, 'it`s', `[1]`, `a\u0062`]"),
            json!(["a", 1, null, "a`b", "it`s", [1], "ab"])
        );
        for wrong in ["Jobs[?Status==`FAILED].JobId", "`a\"b`"] {
            let error = check(wrong).unwrap_err().paragraph();
            assert!(error.starts_with("--query is not JMESPath: "), "{error}");
        }
    }

    #[test]
    fn there_is_no_average_of_nothing() {
        let document = json!({"Jobs": []});
        assert_eq!(search(&document, "avg(Jobs)").unwrap(), Value::Null);
        assert_eq!(search(&document, "avg(`[1, 2]`)").unwrap(), json!(1.5));
        let wrong = search(&document, "avg(`[\"1\"]`)").unwrap_err().paragraph();
        assert!(wrong.starts_with("--query: Runtime error:"), "{wrong}");
    }
}
