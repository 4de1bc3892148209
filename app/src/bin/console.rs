//! The console.

fn main() {
    app::ui::app::start(app::session::Side::CONSOLE, app::console::app);
}
