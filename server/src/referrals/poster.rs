//! The poster of an invitation: one picture with everything on it, to be saved from a messenger
//! and shown to friends.
//!
//! It is drawn here and not in the page, so that every webview gets the same picture, with the
//! same letters, and as an image, which is what messengers let people save.

use super::wording;
use crate::error::{AppError, Result};
use crate::qr;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::Database;
use resvg::usvg::{Options, Tree};
use shared::referrals::api::Invitation;
use shared::rewards::words::in_words;
use shared::text::Locale;
use std::sync::{Arc, OnceLock};
use unicode_width::UnicodeWidthStr;

/// The letters: see `assets/fonts/README.md`.
const FONT: &[u8] = include_bytes!("../../assets/fonts/NotoSansSC-Bold-subset.otf");
const FAMILY: &str = "Noto Sans CJK SC";
/// Width of the drawing; the picture is larger by [`SCALE`].
const WIDTH: f32 = 750.0;
const HEIGHT: f32 = 1060.0;
const SCALE: f32 = 1.44;
/// The accent of a shop that has set none, as in the style sheets.
const ACCENT: &str = "#1d5b45";

/// What stands on a poster.
pub struct Poster<'a> {
    /// The invitation that it shows.
    pub invitation: &'a Invitation,
    /// Where the code leads.
    pub link: &'a str,
    /// What the member centre is called.
    pub programme: &'a str,
    /// The shop's accent on a light ground, as `#rrggbb`; Coterie's own when absent.
    pub accent: Option<&'a str>,
    /// The language of the words.
    pub locale: Locale,
}

/// The poster as a PNG of 1080 by 1526 pixels. Takes some 100 ms of one core.
///
/// # Errors
/// When the picture cannot be drawn.
pub fn png(poster: &Poster<'_>) -> Result<Vec<u8>> {
    let options = Options {
        fontdb: fonts(),
        font_family: FAMILY.to_owned(),
        ..Options::default()
    };
    let failed = |what: String| AppError::internal(format!("no poster: {what}"));
    let tree = Tree::from_str(&svg(poster)?, &options).map_err(|it| failed(it.to_string()))?;
    let side = |length: f32| (length * SCALE) as u32;
    let mut pixels = Pixmap::new(side(WIDTH), side(HEIGHT))
        .ok_or_else(|| failed("its size is wrong".to_owned()))?;
    resvg::render(
        &tree,
        Transform::from_scale(SCALE, SCALE),
        &mut pixels.as_mut(),
    );
    pixels.encode_png().map_err(|it| failed(it.to_string()))
}

/// Our own letters first, then those of the machine, for characters that ours lack.
fn fonts() -> Arc<Database> {
    static FONTS: OnceLock<Arc<Database>> = OnceLock::new();
    let fonts = FONTS.get_or_init(|| {
        let mut fonts = Database::new();
        fonts.load_font_data(FONT.to_vec());
        fonts.load_system_fonts();
        Arc::new(fonts)
    });
    fonts.clone()
}

fn svg(poster: &Poster<'_>) -> Result<String> {
    let Poster {
        locale,
        programme,
        link,
        ..
    } = *poster;
    let offer = &poster.invitation.offer;
    let accent = poster.accent.unwrap_or(ACCENT);
    let given = in_words(&offer.friend_rewards, offer.currency);
    let inviter = poster.invitation.inviter.as_deref();
    let (scan, code) = match locale {
        Locale::ZhCn => ("长按识别二维码", "邀请码"),
        Locale::En => ("Scan, or press and hold", "Code"),
    };
    let days = match locale {
        Locale::ZhCn => format!("加入后 {} 天内下单，退货期过后到账", offer.order_days),
        Locale::En => format!(
            "Order within {} days of joining; paid when the return window has passed",
            offer.order_days
        ),
    };
    let lines = [
        line(130.0, 34.0, "#ffffff", programme),
        line(215.0, 50.0, "#ffffff", &title(inviter, locale)),
        line(372.0, 64.0, accent, given.get(locale)),
        line(430.0, 30.0, "#4c4c47", &wording::condition(offer, locale)),
        line(880.0, 30.0, "#1b1b19", scan),
        line(
            926.0,
            26.0,
            "#62625c",
            &format!("{code}  {}", poster.invitation.code),
        ),
        line(1020.0, 24.0, "#ffffff", &days),
    ];
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{WIDTH}\" height=\"{HEIGHT}\">\
         <rect width=\"100%\" height=\"100%\" fill=\"{accent}\"/>\
         <circle cx=\"680\" cy=\"60\" r=\"210\" fill=\"#ffffff\" fill-opacity=\"0.07\"/>\
         <circle cx=\"40\" cy=\"1010\" r=\"260\" fill=\"#ffffff\" fill-opacity=\"0.07\"/>\
         <rect x=\"45\" y=\"275\" width=\"660\" height=\"690\" rx=\"32\" fill=\"#ffffff\"/>\
         <path d=\"M85 468H665\" stroke=\"#dcdcd6\" stroke-width=\"3\" stroke-dasharray=\"10 10\"/>\
         {}{}</svg>",
        code_at(link, 205.0, 492.0, 340.0)?,
        lines.concat(),
    ))
}

/// Who invites; the programme stands above it.
fn title(inviter: Option<&str>, locale: Locale) -> String {
    match (locale, inviter) {
        (Locale::ZhCn, Some(name)) => format!("{name} 邀请您加入"),
        (Locale::ZhCn, None) => "好友邀请您加入".to_owned(),
        (Locale::En, Some(name)) => format!("{name} invites you"),
        (Locale::En, None) => "A friend invites you".to_owned(),
    }
}

/// A line of words in the middle, at most `size` high and as much smaller as it must be to fit.
fn line(y: f32, size: f32, colour: &str, words: &str) -> String {
    // A column is half the height of a Chinese character; bold Latin letters are a little wider.
    let columns = u16::try_from(words.width().max(1)).unwrap_or(u16::MAX);
    let fitting = 600.0 / (f32::from(columns) * 0.56);
    let (size, words) = (size.min(fitting), wording::escape(words));
    format!(
        "<text x=\"{}\" y=\"{y}\" font-size=\"{size}\" font-family=\"{FAMILY}\" \
         font-weight=\"700\" text-anchor=\"middle\" fill=\"{colour}\">{words}</text>",
        WIDTH / 2.0
    )
}

/// The code that cameras read, dark on white whatever the shop's colours are.
fn code_at(link: &str, x: f32, y: f32, side: f32) -> Result<String> {
    let code = qr::picture(link)?;
    let scale = f64::from(side) / f64::from(code.size);
    Ok(format!(
        "<path transform=\"translate({x} {y}) scale({scale})\" fill=\"#111111\" d=\"{}\"/>",
        code.path
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shared::referrals::api::Offer;
    use shared::rewards::Reward;

    fn invitation(inviter: &str) -> Invitation {
        Invitation {
            code: "ABCD2345".to_owned(),
            inviter: Some(inviter.to_owned()),
            offer: Offer {
                open: true,
                friend_rewards: vec![Reward::Credit { amount: 2_000 }],
                inviter_rewards: vec![Reward::Points { amount: 2_000 }],
                minimum_order: 5_000,
                currency: "CNY".parse().expect("a currency"),
                attribution_days: 14,
                order_days: 30,
                hold_days: 7,
            },
        }
    }

    fn drawn(inviter: &str, programme: &str, locale: Locale) -> Pixmap {
        let invitation = invitation(inviter);
        let poster = Poster {
            invitation: &invitation,
            link: "https://shop.example/r/ABCD2345",
            programme,
            accent: None,
            locale,
        };
        let png = png(&poster).expect("a picture");
        Pixmap::decode_png(&png).expect("a PNG")
    }

    /// How many pixels of some rows are white.
    fn white(pixels: &Pixmap, from: f32, to: f32) -> usize {
        let row = |y: f32| (y * SCALE) as usize * pixels.width() as usize;
        pixels.pixels()[row(from)..row(to)]
            .iter()
            .filter(|it| (it.red(), it.green(), it.blue()) == (255, 255, 255))
            .count()
    }

    #[test]
    fn chinese_and_latin_words_are_drawn() {
        let [zh, en] = [Locale::ZhCn, Locale::En].map(|it| drawn("王**", "云杉会员", it));
        assert_eq!((zh.width(), zh.height()), (1080, 1526));
        for pixels in [&zh, &en] {
            // The name of the programme, in white on the accent; nothing would be drawn of
            // characters that no font has.
            assert!(white(pixels, 100.0, 135.0) > 500);
            assert!(white(pixels, 170.0, 220.0) > 1_000);
        }
        assert_ne!(zh.data(), en.data());
    }

    #[test]
    fn long_and_dangerous_words_stay_inside() {
        let long = "</text><script>&".repeat(6);
        let pixels = drawn(&long, &long, Locale::En);
        let inked = |x: u32| {
            (0..(260.0 * SCALE) as u32).any(|y| {
                let pixel = pixels.pixel(x, y).expect("inside");
                (pixel.red(), pixel.green(), pixel.blue()) == (255, 255, 255)
            })
        };
        assert!(!inked(20) && !inked(pixels.width() - 20));
    }
}
