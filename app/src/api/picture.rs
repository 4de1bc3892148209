//! Reads pictures that only the signed-in may see: an `<img>` cannot send who asks.

use super::send::{Call, Method, build, refusal};
use super::{Api, ApiError, is_token_refusal};
use leptos::prelude::*;

impl Api {
    /// Reads a picture, as an address to show it by. The whole picture is in the address, which
    /// browsers in apps can save, unlike one that leads into this page's memory.
    ///
    /// # Errors
    /// [`ApiError`] as the server or the network has it.
    pub async fn picture(self, path: &str) -> Result<String, ApiError> {
        let token = self.token.get_value();
        match self.read_picture(path).await {
            Err(error) if token.is_some() && is_token_refusal(&error) => {
                self.renew(token).await?;
                self.read_picture(path).await
            }
            answer => answer,
        }
    }

    async fn read_picture(self, path: &str) -> Result<String, ApiError> {
        let token = self.token.get_value();
        let call = Call::new(Method::Get, path);
        let tag = self.language.now().tag();
        let request = build(&call, token.as_deref(), self.side, tag)?;
        let response = request.send().await.map_err(|_| ApiError::Offline)?;
        if !response.ok() {
            let text = response.text().await.map_err(|_| ApiError::Offline)?;
            return Err(refusal(&text, None));
        }
        let kind = response.headers().get("content-type").unwrap_or_default();
        let bytes = response.binary().await.map_err(|_| ApiError::Offline)?;
        // What `btoa` takes has a character for each byte.
        let text: String = bytes.into_iter().map(char::from).collect();
        let coded = window().btoa(&text).map_err(|_| ApiError::Unreadable)?;
        Ok(format!("data:{kind};base64,{coded}"))
    }
}
