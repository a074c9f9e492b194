//! Ints and floats: out of numbers, and out of texts that hold one.

use std::sync::Arc;

use baml_schema::Value;

use super::Coercer;
use crate::found::Found;
use crate::liberty::Liberty;
use crate::misfit::Misfit;
use crate::number::Number;
use crate::plan::PlanId;
use crate::tree::{Kind, NodeId};

/// Texts longer than this are not looked through for a number while they still grow.
pub(crate) const SEARCHED_LENGTH_MAX: usize = 4_096;

impl Coercer<'_> {
    pub(super) fn int(&mut self, id: PlanId, node: NodeId) -> Result<Found, Arc<Misfit>> {
        let complete = self.is_complete(node);
        let read = self.tree.kind(node);
        if let Kind::Array(items) = read {
            return self.ended_singular(id, node, items);
        }
        let Some((number, searched)) = node_number(read, complete) else {
            return Err(Self::expected(id, node));
        };
        match number {
            Number::Int(int) => Ok(out_of_text(Found::scalar(Value::Int(int), complete), searched)),
            Number::Unsigned(_) => Err(Self::expected(id, node)),
            Number::Float(float) => match rounded(float) {
                Some(int) => {
                    // Only one of the two liberties counts.
                    let how = if searched { Liberty::TextToOther } else { Liberty::FloatToInt };
                    Ok(Found::scalar(Value::Int(int), complete).took(how))
                }
                None => Err(Self::expected(id, node)),
            },
        }
    }

    pub(super) fn float(&mut self, id: PlanId, node: NodeId) -> Result<Found, Arc<Misfit>> {
        let complete = self.is_complete(node);
        let read = self.tree.kind(node);
        if let Kind::Array(items) = read {
            return self.ended_singular(id, node, items);
        }
        let Some((number, searched)) = node_number(read, complete) else {
            return Err(Self::expected(id, node));
        };
        Ok(out_of_text(Found::scalar(Value::Float(number.as_f64()), complete), searched))
    }
}

/// What was found, by searching a text or not.
fn out_of_text(found: Found, searched: bool) -> Found {
    if searched { found.took(Liberty::TextToOther) } else { found }
}

/// The number that a node is or holds, and whether words around it were left out.
fn node_number(read: Kind<'_>, complete: bool) -> Option<(Number, bool)> {
    match read {
        Kind::Number(number) => Some((number, false)),
        Kind::Text(text) => number_of(text, complete),
        _ => None,
    }
}

/// The number of a text, and whether it was searched for.
fn number_of(text: &str, complete: bool) -> Option<(Number, bool)> {
    if !complete && text.len() > SEARCHED_LENGTH_MAX {
        return None;
    }
    let trimmed = text.trim().trim_end_matches(',');
    if let Some(number) = Number::read(trimmed) {
        return Some((number, false));
    }
    if let Ok(float) = trimmed.parse::<f64>() {
        return Some((Number::Float(float), false));
    }
    if let Some(quotient) = fraction(trimmed) {
        return Some((Number::Float(quotient), false));
    }
    written(trimmed).map(|number| (number, true))
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
fn written(text: &str) -> Option<Number> {
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
    let float = || digits.parse::<f64>().ok().filter(|float| float.is_finite());
    Number::read(&digits).or_else(|| float().map(Number::Float))
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
