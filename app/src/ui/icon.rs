//! The one icon set: 24-unit line drawings with round ends, in the colour of the text.

use leptos::prelude::*;

/// A drawing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Icon {
    /// A house.
    Home,
    /// A stack of coins.
    Points,
    /// A person.
    Me,
    /// Two people.
    Members,
    /// A clock.
    Pending,
    /// An hourglass.
    Expiring,
    /// An arrow in.
    Earn,
    /// An arrow out.
    Spend,
    /// A circle with a cross: over.
    Expire,
    /// Two sliders.
    Adjust,
    /// An arrow turning back.
    Back,
    /// A question in a circle.
    Why,
    /// A cloud struck through.
    Offline,
    /// A triangle with a mark.
    Warning,
    /// A cross.
    Close,
    /// A chevron to the right.
    Next,
    /// A chevron to the left.
    Previous,
    /// A magnifier.
    Search,
    /// A door with an arrow.
    SignOut,
    /// A snowflake.
    Frozen,
    /// An open box.
    Empty,
    /// A check mark.
    Check,
    /// A wallet.
    Credit,
    /// A receipt.
    Order,
    /// A padlock.
    Lock,
    /// A gift.
    Gift,
    /// A lorry.
    Delivery,
    /// A lightning bolt.
    Flash,
    /// A headset.
    Service,
    /// A star.
    Star,
    /// Three lines.
    Menu,
    /// Three dots.
    More,
    /// A plus.
    Plus,
    /// A key.
    Key,
    /// A gear, drawn as a sun.
    Settings,
    /// A list with dots.
    Audit,
    /// A bin.
    Remove,
    /// Two paths into one.
    Merge,
    /// A crown.
    Crown,
    /// A medal on a ribbon.
    Medal,
    /// A bell.
    Bell,
    /// A shield.
    Shield,
    /// An arrow into a tray.
    Download,
    /// A phone.
    Device,
    /// An arrow up.
    Up,
    /// An arrow down.
    Down,
    /// A list with check marks.
    Tasks,
    /// A ticket with a torn edge.
    Coupon,
    /// A speech bubble.
    Chat,
}

impl Icon {
    const fn path(self) -> &'static str {
        match self {
            Self::Home => "M3.5 11 12 4l8.5 7M5.5 9.5V20h13V9.5M10 20v-5.5h4V20",
            Self::Coupon => {
                "M3.500 6.500h17v3.500a2 2 0 0 0 0 4v3.500h-17V14a2 2 0 0 0 0-4V6.500ZM14 7v2M14 11v2M14 15v2"
            }
            Self::Points => {
                "M12 4c4 0 7 1.2 7 2.8S16 9.6 12 9.6 5 8.400 5 6.800 8 4 12 4ZM5 6.800v5.200c0 1.600 3 2.800 7 2.800s7-1.200 7-2.800V6.800M5 12v5.200C5 18.800 8 20 12 20s7-1.200 7-2.800V12"
            }
            Self::Me => {
                "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.500 20.500c.700-3.800 3.600-6 7.500-6s6.800 2.200 7.500 6"
            }
            Self::Members => {
                "M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM2.500 19.500c.500-3.300 3-5.200 6.500-5.200s6 1.900 6.500 5.200M16 4.800a3.500 3.500 0 0 1 0 6.400M18 14.600c2 .700 3.200 2.400 3.500 4.900"
            }
            Self::Pending => {
                "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM12 7.500V12l3 2"
            }
            Self::Expiring => {
                "M7 3.500h10M7 20.500h10M8 3.500V7c0 2 4 3.500 4 5s-4 3-4 5v3.500M16 3.500V7c0 2-4 3.500-4 5s4 3 4 5v3.500"
            }
            Self::Earn => "M12 4v12M7 11.500l5 5 5-5M5 20h14",
            Self::Spend => "M12 16V4M7 8.500l5-5 5 5M5 20h14",
            Self::Expire => {
                "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM9 9l6 6M15 9l-6 6"
            }
            Self::Adjust => {
                "M4 8h9M17 8h3M15 10.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5ZM4 16h3M11 16h9M9 18.500a2.500 2.500 0 1 0 0-5 2.500 2.500 0 0 0 0 5Z"
            }
            Self::Back => "M9 5 4 10l5 5M4 10h10a6 6 0 0 1 0 12h-3",
            Self::Why => {
                "M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17ZM9.500 9.500a2.500 2.500 0 1 1 3.700 2.200c-.800.500-1.200 1-1.200 1.800M12 16.500v.1"
            }
            Self::Offline => {
                "M4 4l16 16M8.500 7.200A6 6 0 0 1 18 11a4.200 4.200 0 0 1 2.300 7M6.300 10.200A4.500 4.500 0 0 0 7 19h8"
            }
            Self::Warning => "M12 4.500 3 20h18L12 4.500ZM12 10.500v4M12 17.300v.1",
            Self::Close => "M6 6l12 12M18 6 6 18",
            Self::Next => "m9.500 5.500 6.500 6.500-6.500 6.500",
            Self::Previous => "M14.500 5.500 8 12l6.500 6.500",
            Self::Search => {
                "M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13ZM15.500 15.500 20.500 20.500"
            }
            Self::SignOut => "M14 4.500H5.500v15H14M10.500 12h10M17 8.500l3.500 3.500-3.500 3.500",
            Self::Frozen => {
                "M12 3v18M4.200 7.500l15.600 9M19.800 7.500l-15.600 9M9.500 4.500 12 7l2.500-2.500M9.500 19.500 12 17l2.500 2.500"
            }
            _ => self.thing(),
        }
    }

    /// Drawings of things, where those of pages and movements leave off.
    const fn thing(self) -> &'static str {
        match self {
            Self::Chat => "M4 5.500h16v10.500h-9.500L6 19.500V16H4V5.500ZM8 9.500h8M8 12.500h5",
            Self::Empty => {
                "M4 10.500 12 14l8-3.500M4 10.500v7L12 21l8-3.500v-7M4 10.500 2.500 7 12 3.500 21.500 7 20 10.500M12 14v7"
            }
            Self::Check => "m5 12.500 4.500 4.500L19 7.500",
            Self::Credit => {
                "M4 7.500h14.500a1.500 1.500 0 0 1 1.500 1.500v9a1.500 1.500 0 0 1-1.500 1.500h-13A1.500 1.500 0 0 1 4 18V6a1.500 1.500 0 0 1 1.500-1.500H17M16 13.500v.1"
            }
            Self::Order => {
                "M6 3.500h12v17l-3-1.800-3 1.800-3-1.800-3 1.800v-17ZM9.500 8.500h5M9.500 12.500h5"
            }
            Self::Lock => "M6 11h12v9.500H6V11ZM8.500 11V8a3.500 3.500 0 0 1 7 0v3",
            Self::Gift => {
                "M4 11h16v9.500H4V11ZM3 7.500h18V11H3V7.500ZM12 7.500v13M12 7.500C9 7.500 7.500 6.300 7.500 5S10.500 3 12 7.500c1.500-4.500 4.500-3.800 4.500-2.500S15 7.500 12 7.500Z"
            }
            Self::Delivery => {
                "M3 6.500h11v10H3v-10ZM14 10h4l3 3.500v3h-7V10ZM7 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4ZM17.500 19a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z"
            }
            Self::Flash => "M13 3 5 13.500h6L10.500 21 19 10.500h-6L13 3Z",
            Self::Service => {
                "M5 14v-2a7 7 0 0 1 14 0v2M5 13.500h3v5H5v-5ZM16 13.500h3v5h-3v-5ZM19 18.500c0 1.500-2 2.500-5 2.500"
            }
            Self::More => "M6 12v.1M12 12v.1M18 12v.1",
            Self::Menu => "M4 7h16M4 12h16M4 17h16",
            Self::Plus => "M12 5v14M5 12h14",
            Self::Key => {
                "M8 16.500a4.500 4.500 0 1 0 0-9 4.500 4.500 0 0 0 0 9ZM12.500 12H21M17.500 12v3.500"
            }
            Self::Settings => {
                "M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7ZM12 3v2.500M12 18.500V21M3 12h2.500M18.500 12H21M5.600 5.600l1.800 1.800M16.600 16.600l1.800 1.800M18.400 5.600l-1.800 1.800M7.400 16.600l-1.800 1.800"
            }
            Self::Audit => {
                "M9 6.500h11M9 12h11M9 17.500h11M4.500 6.500v.1M4.500 12v.1M4.500 17.500v.1"
            }
            Self::Remove => {
                "M4.500 7h15M9.500 7V4.500h5V7M6.500 7l1 13.500h9l1-13.500M10 11v5.500M14 11v5.500"
            }
            Self::Merge => "M6 4v4c0 3 6 3 6 6v6M18 4v4c0 3-6 3-6 6M9 17l3 3 3-3",
            Self::Crown => "M4 18.500 3 7.500l5 4 4-6.500 4 6.500 5-4-1 11H4Z",
            Self::Medal => {
                "M12 21a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM9 9.800 6 3h4l2 4 2-4h4l-3 6.800M12 12.500l.800 1.700 1.900.200-1.400 1.300.4 1.800-1.700-.900-1.700.900.4-1.800-1.400-1.300 1.900-.200.800-1.700Z"
            }
            Self::Bell => {
                "M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 2h-15l1.500-2ZM10 18.500a2 2 0 0 0 4 0M12 5V3.500"
            }
            Self::Shield => {
                "M12 3.500 5 6v5.500c0 4.200 2.800 7.500 7 9 4.200-1.500 7-4.800 7-9V6l-7-2.500Z"
            }
            Self::Download => "M12 4v11M7.500 10.500 12 15l4.500-4.500M4 15.500V20h16v-4.500",
            Self::Device => "M7.500 3h9v18h-9V3ZM11 18h2",
            Self::Up => "M12 20V5M6 11l6-6 6 6",
            Self::Down => "M12 4v15M6 13l6 6 6-6",
            Self::Tasks => {
                "M10 6.500h10M10 12h10M10 17.500h10M3.500 6.500l1.500 1.500 2.500-3M3.500 12l1.500 1.500 2.500-3M3.500 17.500l1.500 1.500 2.500-3"
            }
            // The star, and whatever has no drawing of its own.
            _ => {
                "m12 4 2.400 5.100 5.600.700-4.100 3.800 1.100 5.500L12 16.400l-5 2.700 1.100-5.500L4 9.800l5.600-.700L12 4Z"
            }
        }
    }
}

/// Draws an icon. It is decoration: the text beside it says the same.
#[must_use]
pub fn icon(icon: Icon) -> AnyView {
    view! {
        <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
            <path d=icon.path()></path>
        </svg>
    }
    .into_any()
}
