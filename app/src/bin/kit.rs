//! The component kit, each part in each state: to look at and to test, never shipped.

fn main() {
    app::ui::app::start(app::session::Side::MEMBER, app::kit::app);
}
