//! Ints and floats: out of numbers, and out of texts that hold one.

use std::sync::Arc;

use baml_schema::Value;

use super::Coercer;
use crate::found::{Found, Reason, price};
use crate::plan::PlanId;
use crate::tree::{Kind, NodeId, Number};

/// Texts longer than this are not looked through for a number while they still grow.
pub(crate) const SEARCHED_LENGTH_MAX: usize = 4_096;

impl Coercer<'_> {
    pub(super) fn int(&mut self, id: PlanId, node: NodeId) -> Result<Found, Arc<Reason>> {
        let complete = self.is_complete(node);
        let read = self.tree.kind(node);
        if let Kind::Array(items) = read {
            return self.singular(id, node, items);
        }
        let Some((number, score)) = node_number(read, complete) else {
            return Err(self.expected(id, node));
        };
        let is_text = matches!(read, Kind::Text(_));
        match number {
            Number::Int(int) => Ok(Found::scalar(Value::Int(int), complete).priced(score)),
            Number::Unsigned(_) => Err(self.expected(id, node)),
            Number::Float(float) => match rounded(float) {
                Some(int) => {
                    let found = Found::scalar(Value::Int(int), complete);
                    let score = if is_text { 0 } else { score };
                    Ok(found.priced(score + price::FLOAT_TO_INT))
                }
                None => Err(self.expected(id, node)),
            },
        }
    }

    pub(super) fn float(&mut self, id: PlanId, node: NodeId) -> Result<Found, Arc<Reason>> {
        let complete = self.is_complete(node);
        let read = self.tree.kind(node);
        if let Kind::Array(items) = read {
            return self.singular(id, node, items);
        }
        let Some((number, score)) = node_number(read, complete) else {
            return Err(self.expected(id, node));
        };
        Ok(Found::scalar(Value::Float(number.as_f64()), complete).priced(score))
    }
}

/// The number that a node is or holds, with the price of finding it.
fn node_number(read: Kind<'_>, complete: bool) -> Option<(Number, i64)> {
    match read {
        Kind::Number(number) => Some((number, 0)),
        Kind::Text(text) => number_of(text, complete),
        _ => None,
    }
}

/// The number of a text, with the price of finding it.
fn number_of(text: &str, complete: bool) -> Option<(Number, i64)> {
    if !complete && text.len() > SEARCHED_LENGTH_MAX {
        return None;
    }
    let trimmed = text.trim().trim_end_matches(',');
    if let Some(number) = Number::read(trimmed) {
        return Some((number, 0));
    }
    if let Ok(float) = trimmed.parse::<f64>() {
        return Some((Number::Float(float), 0));
    }
    if let Some(quotient) = fraction(trimmed) {
        return Some((Number::Float(quotient), 0));
    }
    written(trimmed).map(|float| (Number::Float(float), price::STRING_TO_OTHER))
}

fn rounded(float: f64) -> Option<i64> {
    // Half up, as `12.5` → 13; beyond the range there is no int.
    let round = float.round();
    (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0)
        .contains(&round)
        .then_some(round as i64)
}

/// `1/2`
fn fraction(text: &str) -> Option<f64> {
    let (above, below) = text.split_once('/')?;
    let above: f64 = above.trim().parse().ok()?;
    let below: f64 = below.trim().parse().ok()?;
    (below != 0.0).then_some(above / below).filter(|quotient| quotient.is_finite())
}

fn is_money(c: char) -> bool {
    matches!(c, '$' | '¢'..='¥' | '\u{20a0}'..='\u{20c0}')
}

/// The only number in a text: signs of money and percent, thousands and words around are left out.
fn written(text: &str) -> Option<f64> {
    let without_money: String;
    let text = if text.contains(is_money) {
        without_money = text.chars().filter(|c| !is_money(*c)).collect();
        &without_money
    } else {
        text
    };
    let mut found = None;
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let Some(end) = number_at(bytes, at) else {
            at += 1;
            continue;
        };
        if found.is_some() {
            return None;
        }
        found = Some((at, end));
        at = end;
    }
    let (start, end) = found?;
    let digits: String = text[start..end].chars().filter(|c| *c != ',').collect();
    digits.parse::<f64>().ok().filter(|float| float.is_finite())
}

/// The end of the number that starts at `at`: sign, digits with commas, fraction, exponent.
fn number_at(bytes: &[u8], at: usize) -> Option<usize> {
    let mut end = at;
    if matches!(bytes[end], b'-' | b'+') {
        end += 1;
    }
    let first = end;
    let digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    while digit(end) || (end > first && bytes.get(end) == Some(&b',') && digit(end + 1)) {
        end += 1;
    }
    let whole = end > first;
    if bytes.get(end) == Some(&b'.') && digit(end + 1) {
        end += 1;
        while digit(end) {
            end += 1;
        }
    } else if !whole {
        return None;
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'-' | b'+')));
        if digit(end + 1 + sign) {
            end += 1 + sign;
            while digit(end) {
                end += 1;
            }
        }
    }
    Some(end)
}
