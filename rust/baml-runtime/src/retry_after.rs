//! How long a provider asks to wait: `retry-after-ms`, or `Retry-After` in seconds or as a date.
//!
//! Invariant: a date counts from the answer's own `Date`, so that a clock that is wrong on either
//! side changes nothing; a moment that is over asks for no wait.

use std::time::Duration;

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAY_SECONDS: i64 = 86_400;

/// The wait that the headers of an answer ask for; `now_seconds` counts where it has no date.
pub fn retry_after<'a>(
    header: impl Fn(&str) -> Option<&'a str>,
    now_seconds: u64,
) -> Option<Duration> {
    let milliseconds = header("retry-after-ms").and_then(|text| text.trim().parse::<f64>().ok());
    if let Some(milliseconds) = milliseconds {
        return Duration::try_from_secs_f64(milliseconds / 1000.0).ok();
    }
    let text = header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let at = http_date(text)?;
    let now = header("date").and_then(http_date);
    let now = now.unwrap_or_else(|| i64::try_from(now_seconds).unwrap_or(i64::MAX));
    Some(Duration::from_secs(u64::try_from(at.saturating_sub(now)).unwrap_or(0)))
}

/// Seconds since 1970 of a date in any of the three forms of RFC 9110, 5.6.7.
fn http_date(text: &str) -> Option<i64> {
    let (mut day, mut month, mut year, mut seconds) = (None, None, None, None);
    for (at, word) in text.split([' ', ',', '-']).filter(|word| !word.is_empty()).enumerate() {
        let lower = word.to_ascii_lowercase();
        if word.contains(':') {
            seconds = Some(clock_seconds(word)?);
        } else if let Some(found) = MONTHS.iter().position(|name| *name == lower) {
            month = Some(i64::try_from(found).ok()? + 1);
        } else if let Ok(number) = word.parse::<u16>() {
            match (day, word.len()) {
                (None, 1 | 2) => day = Some(i64::from(number)),
                (_, 4) => year = Some(i64::from(number)),
                // Two digits lie within fifty years, as long as this form is still in use.
                (Some(_), 2) => {
                    year = Some(i64::from(number) + if number < 70 { 2000 } else { 1900 });
                }
                _ => return None,
            }
        } else if at != 0 && !matches!(lower.as_str(), "gmt" | "utc") {
            return None;
        }
    }
    let day = day.filter(|day| (1..=31).contains(day))?;
    Some(days_since_1970(year?, month?, day) * DAY_SECONDS + seconds?)
}

fn clock_seconds(text: &str) -> Option<i64> {
    let mut parts = text.split(':').map(|part| part.parse::<u8>().ok());
    let (hour, minute, second) = (parts.next()??, parts.next()??, parts.next()??);
    // 60 is a leap second.
    let valid = hour < 24 && minute < 60 && second <= 60 && parts.next().is_none();
    valid.then(|| i64::from(hour) * 3600 + i64::from(minute) * 60 + i64::from(second))
}

/// By the proleptic Gregorian calendar, with years that begin in March (Howard Hinnant).
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 784_111_777;

    fn asked(headers: &[(&str, &'static str)]) -> Option<Duration> {
        let find = |name: &str| headers.iter().find(|(key, _)| *key == name).map(|(_, text)| *text);
        retry_after(find, NOW)
    }

    #[test]
    fn seconds_and_milliseconds_are_read() {
        let second = Some(Duration::from_secs(1));
        assert_eq!(asked(&[("retry-after", "1")]), second);
        assert_eq!(asked(&[("retry-after", " 1.0 ")]), second);
        assert_eq!(asked(&[("retry-after", "7"), ("retry-after-ms", "1000")]), second);
        assert_eq!(
            asked(&[("retry-after", "7"), ("retry-after-ms", "soon")]).unwrap().as_secs(),
            7
        );
    }

    #[test]
    fn dates_of_all_three_forms_are_one_moment() {
        for date in [
            "Sun, 06 Nov 1994 08:49:37 GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
        ] {
            assert_eq!(http_date(date), Some(784_111_777), "{date}");
        }
        assert_eq!(http_date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(http_date("Tue, 29 Feb 2000 00:00:00 GMT"), Some(951_782_400));
        assert_eq!(http_date("Thu, 31 Dec 2099 23:59:59 GMT"), Some(4_102_444_799));
    }

    #[test]
    fn date_counts_from_the_date_of_the_answer_or_from_now() {
        let date = ("retry-after", "Sun, 06 Nov 1994 08:50:07 GMT");
        assert_eq!(asked(&[date]), Some(Duration::from_secs(30)));
        let sent = ("date", "Sun, 06 Nov 1994 08:50:02 GMT");
        assert_eq!(asked(&[date, sent]), Some(Duration::from_secs(5)));
        let later = ("date", "Mon, 07 Nov 1994 00:00:00 GMT");
        assert_eq!(asked(&[date, later]), Some(Duration::ZERO), "it is over");
    }

    #[test]
    fn what_is_neither_asks_for_nothing() {
        for text in
            ["", "-1", "nan", "inf", "soon", "1e400", "06 Nov", "Sun, 99 Nov 1994 08:49:37 GMT"]
        {
            assert_eq!(asked(&[("retry-after", text)]), None, "{text}");
        }
        for text in ["Sun, 06 Nov 1994 25:00:00 GMT", "Sun, 06 Nov 1994 08:49 GMT", "a b c d"] {
            assert_eq!(asked(&[("retry-after", text)]), None, "{text}");
        }
    }
}
