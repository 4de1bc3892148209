//! A few values by name, as many as fit: for what is kept only to be quick. They are looked through
//! one by one, which for so few is as quick as a table, and a good deal less to download.

/// Most values that are kept; then all are dropped.
const MOST: usize = 100;

/// Values by name.
pub struct Few<T>(Vec<(String, T)>);

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> Few<T> {
    /// None yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Vec::new())
    }

    /// The value with this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&T> {
        self.0.iter().find(|it| it.0 == name).map(|it| &it.1)
    }

    /// The value with this name, to change.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut T> {
        self.0
            .iter_mut()
            .find(|it| it.0 == name)
            .map(|it| &mut it.1)
    }

    /// Keeps a value, in place of one with the same name.
    pub fn keep(&mut self, name: &str, value: T) {
        if let Some(kept) = self.get_mut(name) {
            *kept = value;
            return;
        }
        if self.0.len() >= MOST {
            self.0.clear();
        }
        self.0.push((name.to_owned(), value));
    }

    /// Drops the value with this name.
    pub fn drop_one(&mut self, name: &str) {
        self.0.retain(|it| it.0 != name);
    }

    /// Drops all.
    pub fn clear(&mut self) {
        self.0.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_value_of_a_name_is_kept() {
        let mut few = Few::new();
        few.keep("a", 1);
        few.keep("b", 2);
        few.keep("a", 3);
        assert_eq!(
            (few.get("a"), few.get("b"), few.get("c")),
            (Some(&3), Some(&2), None)
        );
        few.drop_one("a");
        assert_eq!((few.get("a"), few.get("b")), (None, Some(&2)));
    }

    #[test]
    fn there_are_never_more_than_fit() {
        let mut few = Few::new();
        for number in 0..=MOST {
            few.keep(&number.to_string(), number);
        }
        assert_eq!(few.get("0"), None);
        assert_eq!(few.get(&MOST.to_string()), Some(&MOST));
    }
}
