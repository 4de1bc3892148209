//! The member centre.

fn main() {
    app::ui::app::start(app::session::Side::MEMBER, app::member::app);
}
