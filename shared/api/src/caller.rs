//! Whom a request speaks for.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use domain::clock::Timestamp;
use domain::conversation::Signature;
use domain::id::EntryId;
use domain::text::{ClosedReason, Username};
use domain::user::{InstitutionRole, Introduction, Profile};
use http::request::Parts;
use store::Admission;

use crate::problem::{Kind, Problem};

/// The person a request speaks for, as the institution's identity provider vouches, and whom the institution lets use
/// the messenger at this moment.
#[derive(Clone, Debug)]
pub struct Caller {
    /// What the token says.
    pub said: Introduction,
    /// The person, and how the institution set the messenger up.
    pub admission: Admission,
}

impl Caller {
    /// The person.
    pub fn profile(&self) -> &Profile {
        &self.admission.profile
    }

    /// Their username.
    pub fn username(&self) -> &Username {
        &self.admission.profile.username
    }

    /// Their roles at the institution, as the token says now.
    pub fn roles(&self) -> &[InstitutionRole] {
        &self.said.roles
    }

    /// What the person does now, by the name of the entry that records it.
    pub fn signature(&self, id: EntryId, at: Timestamp) -> Signature {
        Signature { id, by: self.username().clone(), at }
    }

    fn has(&self, role: InstitutionRole) -> bool {
        self.said.roles.contains(&role)
    }
}

/// Why nobody is let in.
#[derive(Clone, Debug)]
pub(crate) struct Turned {
    pub(crate) kind: Kind,
    pub(crate) reason: Option<ClosedReason>,
}

impl From<Kind> for Turned {
    fn from(kind: Kind) -> Self {
        Self { kind, reason: None }
    }
}

impl From<Turned> for Problem {
    fn from(Turned { kind, reason }: Turned) -> Self {
        Self { reason, ..kind.into() }
    }
}

/// What the edge found out about who calls. A request without it has not passed the edge and speaks for nobody.
#[derive(Clone, Debug)]
pub(crate) struct Identified(pub(crate) Result<Arc<Caller>, Turned>);

fn identified(parts: &Parts) -> Result<Arc<Caller>, Problem> {
    match parts.extensions.get::<Identified>() {
        Some(Identified(Ok(caller))) => Ok(caller.clone()),
        Some(Identified(Err(turned))) => Err(turned.clone().into()),
        None => Err(Kind::Unauthenticated.into()),
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let caller = identified(parts)?;
        let settings = &caller.admission.settings;
        if !settings.messenger_enabled {
            return Err(Turned { kind: Kind::MessengerDisabled, reason: settings.closed_reason.clone() }.into());
        }
        Ok(Self::clone(&caller))
    }
}

macro_rules! officials {
    ($($(#[$doc:meta])* $name:ident = $kind:ident;)*) => {$(
        $(#[$doc])*
        ///
        /// Officials are let in while the messenger is switched off, too.
        #[derive(Clone, Debug)]
        pub struct $name(pub Caller);

        impl<S: Sync> FromRequestParts<S> for $name {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
                let caller = identified(parts)?;
                if caller.has(InstitutionRole::$name) { Ok(Self(Caller::clone(&caller))) } else { Err(Kind::$kind.into()) }
            }
        }
    )*};
}

officials! {
    /// Somebody who manages people, projects, settings and broadcasts.
    SystemAdministrator = NotASystemAdministrator;
    /// Somebody who reads the audit trail.
    Auditor = NotAnAuditor;
}
