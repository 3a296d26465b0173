//! Kerberos of the operating system: the part of GSSAPI (RFC 2743, C bindings RFC 2744) a client
//! needs.
//!
//! The library is loaded when it is first needed, so that building wants no headers and a program
//! runs on machines without Kerberos. MIT krb5, Heimdal and Apple's GSS framework have these
//! functions in common. Only the mechanism krb5 is ever asked for: others that may be installed
//! (as NTLM) cannot slip in.
//!
//! This is the one file of the crate with `unsafe`. All calls block, some on the network.

#![allow(unsafe_code)]
#![deny(clippy::undocumented_unsafe_blocks)]

mod problem;

use std::ffi::{c_int, c_void};
use std::fmt;
use std::ptr::{null, null_mut};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use libloading::Library;
use secrecy::{ExposeSecret, SecretString};

pub(super) use problem::{Cause, Problem};

/// Where to get tickets: the identity of one user.
pub(super) struct Credential {
    handle: Handle,
    lifetime: Duration,
}

impl Credential {
    /// The tickets this process finds: its credential cache (`KRB5CCNAME`), else its client keytab.
    /// Of this principal, or of the default one.
    pub(super) fn of_process(principal: Option<&str>) -> Result<Self, Problem> {
        let gss = Gss::loaded()?;
        let name = match principal {
            Some(principal) => Some(Name::new(principal, &USER_NAME)?),
            None => None,
        };
        let name = name.as_ref().map_or(null_mut(), |name| name.0);
        let (mut minor, mut handle, mut seconds) = (0, null_mut(), 0);
        let krb5 = Oid::of(&KRB5);
        let mechanisms = OidSet {
            count: 1,
            elements: &raw const krb5,
        };
        // SAFETY: the pointers are to locals that outlive the call, the name is null or alive, and
        // null is allowed for the mechanisms' output.
        let major = unsafe {
            (gss.acquire_cred)(
                &raw mut minor,
                name,
                INDEFINITE,
                &raw const mechanisms,
                INITIATE,
                &raw mut handle,
                null_mut(),
                &raw mut seconds,
            )
        };
        gss.check(major, minor)?;
        Ok(Self::new(handle, seconds))
    }

    /// A ticket for a password. Asks the KDC at once; a wrong password is sent to it once.
    pub(super) fn with_password(principal: &str, password: &SecretString) -> Result<Self, Problem> {
        let gss = Gss::loaded()?;
        let Some(acquire) = gss.acquire_cred_with_password else {
            return Err(Problem::without_status(
                Cause::NoLibrary,
                "this system's Kerberos library cannot use a password: get a ticket with kinit",
            ));
        };
        let name = Name::new(principal, &USER_NAME)?;
        let (mut minor, mut handle, mut seconds) = (0, null_mut(), 0);
        let krb5 = Oid::of(&KRB5);
        let mechanisms = OidSet {
            count: 1,
            elements: &raw const krb5,
        };
        let secret = Buffer::of(password.expose_secret().as_bytes());
        // SAFETY: as in `of_process`; the secret is read only during the call.
        let major = unsafe {
            acquire(
                &raw mut minor,
                name.0,
                &raw const secret,
                INDEFINITE,
                &raw const mechanisms,
                INITIATE,
                &raw mut handle,
                null_mut(),
                &raw mut seconds,
            )
        };
        gss.check(major, minor)?;
        Ok(Self::new(handle, seconds))
    }

    fn new(handle: Handle, seconds: u32) -> Self {
        Self {
            handle,
            lifetime: Duration::from_secs(seconds.into()),
        }
    }

    /// How long it was good for when it was made.
    pub(super) fn lifetime(&self) -> Duration {
        self.lifetime
    }
}

impl Drop for Credential {
    fn drop(&mut self) {
        if let (Ok(gss), false) = (Gss::loaded(), self.handle.is_null()) {
            // SAFETY: the handle came from the same library and is released once.
            unsafe { (gss.release_cred)(&mut 0, &raw mut self.handle) };
        }
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential").finish_non_exhaustive()
    }
}

// SAFETY: MIT krb5 and Heimdal lock their credentials; a handle is bound to no thread.
unsafe impl Send for Credential {}
// SAFETY: as above; initiating with one credential from several threads is allowed.
unsafe impl Sync for Credential {}

/// How the server is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Service {
    /// `HTTP/host`, as written, in the realm the KDC knows it in.
    Exact(String),
    /// A service on a host. The library applies the system's rules (`krb5.conf`): MIT krb5 may ask
    /// DNS for another name of the host.
    OnHost(String),
}

impl Service {
    fn name(&self) -> Result<Name, Problem> {
        match self {
            Self::Exact(principal) => Name::new(principal, &PRINCIPAL_NAME),
            Self::OnHost(service) => Name::new(service, &HOST_BASED_SERVICE),
        }
    }
}

/// The client's side of one logon.
pub(super) struct Initiator {
    context: Handle,
    service: Name,
    credential: Arc<Credential>,
    binding: Option<Vec<u8>>,
}

/// What the client's side says.
pub(super) struct Step {
    /// For the server; empty when there is nothing to say.
    pub(super) token: Vec<u8>,
    /// Whether the server has proven who it is.
    pub(super) mutual: bool,
}

impl Initiator {
    /// `binding` is the application data of the channel binding.
    pub(super) fn new(
        credential: Arc<Credential>,
        service: &Service,
        binding: Option<Vec<u8>>,
    ) -> Result<Self, Problem> {
        Ok(Self {
            context: null_mut(),
            service: service.name()?,
            credential,
            binding,
        })
    }

    /// The first token (`None`), or the answer to one of the server.
    pub(super) fn step(&mut self, token: Option<&[u8]>) -> Result<Step, Problem> {
        let gss = Gss::loaded()?;
        let krb5 = Oid::of(&KRB5);
        let bindings = self.binding.as_ref().map(|data| ChannelBindings {
            initiator_type: 0,
            initiator: Buffer::EMPTY,
            acceptor_type: 0,
            acceptor: Buffer::EMPTY,
            application_data: Buffer::of(data),
        });
        let input = Buffer::of(token.unwrap_or_default());
        let mut output = Buffer::EMPTY;
        let (mut minor, mut flags) = (0, 0);
        // SAFETY: the handles are alive or, for the context of the first call, null; the pointers
        // are to locals or fields that outlive the call; null is allowed for bindings and for the
        // outputs left out.
        let major = unsafe {
            (gss.init_sec_context)(
                &raw mut minor,
                self.credential.handle,
                &raw mut self.context,
                self.service.0,
                &raw const krb5,
                MUTUAL,
                0,
                bindings.as_ref().map_or(null(), |one| one),
                &raw const input,
                null_mut(),
                &raw mut output,
                &raw mut flags,
                null_mut(),
            )
        };
        let token = gss.take(output);
        gss.check(major, minor)?;
        let done = major & CONTINUE_NEEDED == 0;
        Ok(Step {
            token,
            mutual: done && flags & MUTUAL != 0,
        })
    }
}

impl Drop for Initiator {
    fn drop(&mut self) {
        if let (Ok(gss), false) = (Gss::loaded(), self.context.is_null()) {
            // SAFETY: the handle came from the same library, is deleted once, and null is allowed
            // for the token, which no server wants.
            unsafe { (gss.delete_sec_context)(&mut 0, &raw mut self.context, null_mut()) };
        }
    }
}

// SAFETY: a context is bound to no thread, only not to be used by two at once: `step` wants `&mut`.
unsafe impl Send for Initiator {}

/// A name of the library's own.
struct Name(Handle);

impl Name {
    fn new(text: &str, kind: &'static [u8]) -> Result<Self, Problem> {
        let gss = Gss::loaded()?;
        let (mut minor, mut handle) = (0, null_mut());
        let (text, kind) = (Buffer::of(text.as_bytes()), Oid::of(kind));
        // SAFETY: the pointers are to locals that outlive the call, which copies what it keeps.
        let major = unsafe {
            (gss.import_name)(
                &raw mut minor,
                &raw const text,
                &raw const kind,
                &raw mut handle,
            )
        };
        gss.check(major, minor)?;
        Ok(Self(handle))
    }
}

impl Drop for Name {
    fn drop(&mut self) {
        if let (Ok(gss), false) = (Gss::loaded(), self.0.is_null()) {
            // SAFETY: the handle came from the same library and is released once.
            unsafe { (gss.release_name)(&mut 0, &raw mut self.0) };
        }
    }
}

type Status = u32;
type Handle = *mut c_void;

type ImportName =
    unsafe extern "C" fn(*mut Status, *const Buffer, *const Oid, *mut Handle) -> Status;
type Release = unsafe extern "C" fn(*mut Status, *mut Handle) -> Status;
type ReleaseBuffer = unsafe extern "C" fn(*mut Status, *mut Buffer) -> Status;
type AcquireCred = unsafe extern "C" fn(
    *mut Status,
    Handle,
    u32,
    *const OidSet,
    c_int,
    *mut Handle,
    *mut *mut OidSet,
    *mut u32,
) -> Status;
type AcquireCredWithPassword = unsafe extern "C" fn(
    *mut Status,
    Handle,
    *const Buffer,
    u32,
    *const OidSet,
    c_int,
    *mut Handle,
    *mut *mut OidSet,
    *mut u32,
) -> Status;
type InitSecContext = unsafe extern "C" fn(
    *mut Status,
    Handle,
    *mut Handle,
    Handle,
    *const Oid,
    u32,
    u32,
    *const ChannelBindings,
    *const Buffer,
    *mut *mut Oid,
    *mut Buffer,
    *mut u32,
    *mut u32,
) -> Status;
type DeleteSecContext = unsafe extern "C" fn(*mut Status, *mut Handle, *mut Buffer) -> Status;
type DisplayStatus = unsafe extern "C" fn(
    *mut Status,
    Status,
    c_int,
    *const Oid,
    *mut Status,
    *mut Buffer,
) -> Status;

/// The functions of the loaded library.
struct Gss {
    import_name: ImportName,
    release_name: Release,
    acquire_cred: AcquireCred,
    acquire_cred_with_password: Option<AcquireCredWithPassword>,
    release_cred: Release,
    init_sec_context: InitSecContext,
    delete_sec_context: DeleteSecContext,
    release_buffer: ReleaseBuffer,
    display_status: DisplayStatus,
    /// Whether names without a realm are understood as "ask the KDC".
    is_mit: bool,
    /// Never unloaded: the functions are of it.
    _library: Library,
}

/// Whether [`Service::Exact`] can be written without a realm (MIT krb5).
pub(super) fn leaves_realm_open() -> bool {
    Gss::loaded().is_ok_and(|gss| gss.is_mit)
}

impl Gss {
    fn loaded() -> Result<&'static Self, Problem> {
        static LOADED: OnceLock<Result<Gss, String>> = OnceLock::new();
        LOADED
            .get_or_init(Self::load)
            .as_ref()
            .map_err(|words| Problem::without_status(Cause::NoLibrary, words.as_str()))
    }

    fn load() -> Result<Self, String> {
        let mut problems = Vec::new();
        for &name in LIBRARIES {
            // SAFETY: the system's GSSAPI has no initialisation that could harm this process.
            match unsafe { Library::new(name) } {
                Ok(library) => match Self::resolve(library, name.contains("gssapi_krb5")) {
                    Ok(gss) => return Ok(gss),
                    Err(problem) => problems.push(problem.to_string()),
                },
                Err(problem) => problems.push(problem.to_string()),
            }
        }
        let problems = problems.join("; ");
        Err(format!(
            "this system has no Kerberos library (GSSAPI): {}",
            if problems.is_empty() {
                "none is known for it"
            } else {
                &problems
            }
        ))
    }

    fn resolve(library: Library, is_mit: bool) -> Result<Self, libloading::Error> {
        // SAFETY: the types are those of RFC 2744, and of MIT krb5's and Heimdal's headers for the
        // function the RFC does not have. The copies of the pointers live as long as the library.
        unsafe {
            Ok(Self {
                import_name: *library.get(b"gss_import_name\0")?,
                release_name: *library.get(b"gss_release_name\0")?,
                acquire_cred: *library.get(b"gss_acquire_cred\0")?,
                acquire_cred_with_password: library
                    .get(b"gss_acquire_cred_with_password\0")
                    .ok()
                    .map(|function| *function),
                release_cred: *library.get(b"gss_release_cred\0")?,
                init_sec_context: *library.get(b"gss_init_sec_context\0")?,
                delete_sec_context: *library.get(b"gss_delete_sec_context\0")?,
                release_buffer: *library.get(b"gss_release_buffer\0")?,
                display_status: *library.get(b"gss_display_status\0")?,
                is_mit,
                _library: library,
            })
        }
    }

    fn check(&self, major: Status, minor: Status) -> Result<(), Problem> {
        /// Calling and routine errors; what is below are remarks.
        const ERRORS: u32 = 0xffff_0000;
        if major & ERRORS == 0 {
            return Ok(());
        }
        const GSS_CODE: c_int = 1;
        const MECHANISM_CODE: c_int = 2;
        let specific = match minor {
            0 => String::new(),
            _ => self.words(minor, MECHANISM_CODE),
        };
        let words = match specific.is_empty() {
            true => self.words(major, GSS_CODE),
            false => specific,
        };
        Err(Problem {
            cause: Cause::of(major, minor),
            words,
        })
    }

    /// What the library says to a status. On the thread that got it: MIT krb5 remembers details.
    fn words(&self, status: Status, kind: c_int) -> String {
        const MOST: usize = 8;
        let krb5 = Oid::of(&KRB5);
        let mut said: Vec<String> = Vec::new();
        let mut more = 0;
        for _ in 0..MOST {
            let (mut minor, mut text) = (0, Buffer::EMPTY);
            // SAFETY: the pointers are to locals that outlive the call.
            let major = unsafe {
                (self.display_status)(
                    &raw mut minor,
                    status,
                    kind,
                    &raw const krb5,
                    &raw mut more,
                    &raw mut text,
                )
            };
            let text = self.take(text);
            if major != 0 {
                break;
            }
            let text: String = String::from_utf8_lossy(&text)
                .chars()
                .filter(|c| !c.is_control())
                .take(300)
                .collect();
            if !text.is_empty() && !said.contains(&text) {
                said.push(text);
            }
            if more == 0 {
                break;
            }
        }
        said.join("; ")
    }

    /// The bytes of a buffer the library has filled; releases it.
    fn take(&self, mut buffer: Buffer) -> Vec<u8> {
        let (value, length) = (buffer.value, buffer.length);
        if value.is_null() {
            return Vec::new();
        }
        // SAFETY: the library filled `length` bytes at `value`, which are ours until released.
        let bytes = unsafe { std::slice::from_raw_parts(value.cast::<u8>(), length) }.to_vec();
        // SAFETY: the buffer came from the library and is released once.
        unsafe { (self.release_buffer)(&mut 0, &raw mut buffer) };
        bytes
    }
}

// Apple packs the structures of its headers on x86-64, and on no other machine still in use.

#[cfg_attr(
    all(target_vendor = "apple", target_arch = "x86_64"),
    repr(C, packed(2))
)]
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
struct Buffer {
    length: usize,
    value: *mut c_void,
}

impl Buffer {
    const EMPTY: Self = Self {
        length: 0,
        value: null_mut(),
    };

    /// For the library to read.
    fn of(bytes: &[u8]) -> Self {
        Self {
            length: bytes.len(),
            value: bytes.as_ptr().cast_mut().cast(),
        }
    }
}

#[cfg_attr(
    all(target_vendor = "apple", target_arch = "x86_64"),
    repr(C, packed(2))
)]
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
struct Oid {
    length: u32,
    elements: *const u8,
}

impl Oid {
    fn of(bytes: &'static [u8]) -> Self {
        Self {
            // none is longer than ten bytes
            length: u32::try_from(bytes.len()).unwrap_or(0),
            elements: bytes.as_ptr(),
        }
    }
}

#[cfg_attr(
    all(target_vendor = "apple", target_arch = "x86_64"),
    repr(C, packed(2))
)]
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
struct OidSet {
    count: usize,
    elements: *const Oid,
}

/// RFC 2744 3.11.
#[cfg_attr(
    all(target_vendor = "apple", target_arch = "x86_64"),
    repr(C, packed(2))
)]
#[cfg_attr(not(all(target_vendor = "apple", target_arch = "x86_64")), repr(C))]
struct ChannelBindings {
    initiator_type: u32,
    initiator: Buffer,
    acceptor_type: u32,
    acceptor: Buffer,
    application_data: Buffer,
}

/// MIT krb5 first: where both are installed, the tools (`kinit`) are usually its.
#[cfg(all(unix, not(target_vendor = "apple")))]
const LIBRARIES: &[&str] = &["libgssapi_krb5.so.2", "libgssapi.so.3"];
#[cfg(target_vendor = "apple")]
const LIBRARIES: &[&str] = &["/System/Library/Frameworks/GSS.framework/GSS"];
#[cfg(not(unix))]
const LIBRARIES: &[&str] = &[];

const INDEFINITE: u32 = u32::MAX;
const INITIATE: c_int = 1;
const MUTUAL: u32 = 2;
const CONTINUE_NEEDED: u32 = 1;

/// 1.2.840.113554.1.2.2 (RFC 4121)
pub(super) static KRB5: [u8; 9] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2];
/// 1.2.840.113554.1.2.1.1
static USER_NAME: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 1, 1];
/// 1.2.840.113554.1.2.1.4
static HOST_BASED_SERVICE: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 1, 4];
/// 1.2.840.113554.1.2.2.1 (RFC 1964 2.1.1)
static PRINCIPAL_NAME: [u8; 10] = [0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 1, 2, 2, 1];

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the library of this machine, where there is one; without a KDC.
    #[test]
    fn the_library_of_this_machine() {
        if let Err(problem) = Gss::loaded() {
            assert_eq!(problem.cause, Cause::NoLibrary);
            assert!(problem.words.contains("Kerberos"), "{problem}");
            println!("skipped: {problem}");
            return;
        }
        let secret = SecretString::from("Tr0ub4dor&3");
        let problem = Credential::with_password("nobody@NO-REALM.INVALID", &secret).unwrap_err();
        assert!(!problem.words.is_empty());
        assert!(!problem.words.contains("Tr0ub4dor"), "{problem}");
        // Names that hold anything do no harm.
        for text in ["HTTP@localhost", "", "\0", "@", "a@b@c", "ä/ö@ü"] {
            for service in [Service::OnHost(text.into()), Service::Exact(text.into())] {
                let _ = service.name();
            }
        }
    }
}
