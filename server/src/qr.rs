//! QR codes, for coupons and posters.

use crate::error::{AppError, Result};
use shared::coupons::api::QrPicture;

/// A text as a picture to scan: one square a dark module, with the quiet zone of four around.
///
/// # Errors
/// When the text does not fit into a code.
pub fn picture(text: &str) -> Result<QrPicture> {
    use std::fmt::Write;
    const QUIET: usize = 4;
    let code = fast_qr::QRBuilder::new(text).build();
    let code = code.map_err(|it| AppError::internal(format!("no QR code: {it:?}")))?;
    let mut path = String::new();
    for y in 0..code.size {
        let mut x = 0;
        while x < code.size {
            let from = x;
            while x < code.size && code[y][x].value() {
                x += 1;
            }
            if x > from {
                let length = x - from;
                // Writing to a string cannot fail.
                let _ = write!(
                    path,
                    "M{} {}h{length}v1h-{length}z",
                    from + QUIET,
                    y + QUIET
                );
            }
            x += 1;
        }
    }
    Ok(QrPicture {
        size: u32::try_from(code.size + 2 * QUIET).unwrap_or(0),
        path,
    })
}

/// A picture as a file of its own, black on white.
#[must_use]
pub fn svg(it: &QrPicture) -> String {
    let QrPicture { size, path } = it;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {size} {size}\" shape-rendering=\"crispEdges\">\
         <path fill=\"#fff\" d=\"M0 0h{size}v{size}H0z\"/><path d=\"{path}\"/></svg>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_holds_the_dark_squares_within_its_quiet_zone() {
        let picture = picture("222222222222").expect("a picture");
        assert_eq!(picture.size, 21 + 8);
        // The finder pattern begins in the corner of the quiet zone.
        assert!(picture.path.starts_with("M4 4h7v1h-7z"), "{}", picture.path);
        let squares: usize = picture
            .path
            .split('h')
            .skip(1)
            .step_by(2)
            .filter_map(|it| it.split('v').next()?.parse::<usize>().ok())
            .sum();
        assert!((150..300).contains(&squares), "{squares}");
    }
}
