//! What a user is shown who signs in at another machine.

use std::fmt;
use std::time::Duration;

/// What to show the user (RFC 8628): they open the address on any machine, type the code, and sign in there.
#[derive(Clone)]
#[non_exhaustive]
pub struct DevicePrompt {
    /// The code to type. Whoever knows it can lead somebody else to sign in for this program: show it to the user only.
    pub user_code: String,
    /// Where to type it, as `https://microsoft.com/devicelogin`.
    pub verification_uri: String,
    /// The same with the code in it, where the authority gives that.
    pub verification_uri_complete: Option<String>,
    /// How long the code is good.
    pub expires_in: Duration,
}

impl fmt::Display for DevicePrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "To sign in, open {} and enter the code {}",
            self.verification_uri, self.user_code
        )
    }
}

impl fmt::Debug for DevicePrompt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DevicePrompt")
            .field("verification_uri", &self.verification_uri)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}
