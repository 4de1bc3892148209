//! HMAC for `jsonwebtoken`, from the library that PostgreSQL's sign-in needs anyway. What it
//! brings itself is either a library in C that takes minutes to compile, or one for each kind of
//! signature there is, and tokens need only this kind.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::signature::{Error, Signer, Verifier};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use sha2::{Sha256, Sha384, Sha512};

static PROVIDER: CryptoProvider = CryptoProvider {
    signer_factory: signer,
    verifier_factory: verifier,
    key_utils: KeyUtils::new_unimplemented(),
};

/// Lets `jsonwebtoken` use it in this process.
pub(super) fn install() {
    // It stays what the first call has made it.
    let _ = PROVIDER.install_default();
}

fn signer(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    if key.family() != AlgorithmFamily::Hmac {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    Ok(match algorithm {
        Algorithm::HS256 => Box::new(keyed::<Hmac<Sha256>>(*algorithm, key.as_bytes())?),
        Algorithm::HS384 => Box::new(keyed::<Hmac<Sha384>>(*algorithm, key.as_bytes())?),
        Algorithm::HS512 => Box::new(keyed::<Hmac<Sha512>>(*algorithm, key.as_bytes())?),
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    })
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    if key.family() != AlgorithmFamily::Hmac {
        return Err(ErrorKind::InvalidKeyFormat.into());
    }
    let key = key.try_get_as_bytes()?;
    Ok(match algorithm {
        Algorithm::HS256 => Box::new(keyed::<Hmac<Sha256>>(*algorithm, key)?),
        Algorithm::HS384 => Box::new(keyed::<Hmac<Sha384>>(*algorithm, key)?),
        Algorithm::HS512 => Box::new(keyed::<Hmac<Sha512>>(*algorithm, key)?),
        _ => return Err(ErrorKind::InvalidAlgorithm.into()),
    })
}

/// A code that has taken in its key.
struct Keyed<M> {
    algorithm: Algorithm,
    code: M,
}

fn keyed<M: KeyInit>(algorithm: Algorithm, key: &[u8]) -> Result<Keyed<M>> {
    let code = M::new_from_slice(key).map_err(|_| ErrorKind::InvalidKeyFormat)?;
    Ok(Keyed { algorithm, code })
}

impl<M: Mac + Clone> Signer<Vec<u8>> for Keyed<M> {
    fn try_sign(&self, message: &[u8]) -> std::result::Result<Vec<u8>, Error> {
        let code = self.code.clone().chain_update(message);
        Ok(code.finalize().into_bytes().to_vec())
    }
}

impl<M: Mac + Clone> Verifier<Vec<u8>> for Keyed<M> {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        // It compares in a time that does not depend on where they differ.
        let code = self.code.clone().chain_update(message);
        code.verify_slice(signature).map_err(|_| Error::new())
    }
}

impl<M: Mac + Clone> JwtSigner for Keyed<M> {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}

impl<M: Mac + Clone> JwtVerifier for Keyed<M> {
    fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
}
