//! The language of the product.
