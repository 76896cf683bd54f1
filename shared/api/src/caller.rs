//! Whom a request speaks for.

use axum::extract::FromRequestParts;
use domain::text::{DisplayName, Email, Username};
use domain::user::{InstitutionRole, Profile};
use http::request::Parts;

use crate::problem::{Kind, Problem};

/// The person a request speaks for, as the institution's identity provider vouches.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Who.
    pub username: Username,
    /// What people call them; the username, if the token does not say.
    pub name: DisplayName,
    /// Where notices go.
    pub email: Option<Email>,
    /// Roles at the institution.
    pub roles: Vec<InstitutionRole>,
}

impl Caller {
    /// What the token says of the person.
    pub fn profile(&self) -> Profile {
        Profile { username: self.username.clone(), name: self.name.clone(), email: self.email.clone(), active: true }
    }
}

/// What the edge found out about who calls. A request without it has not passed the edge and speaks for nobody.
#[derive(Clone, Debug)]
pub(crate) struct Identified(pub(crate) Result<Caller, Kind>);

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        match parts.extensions.get::<Identified>() {
            Some(Identified(Ok(caller))) => Ok(caller.clone()),
            Some(Identified(Err(kind))) => Err((*kind).into()),
            None => Err(Kind::Unauthenticated.into()),
        }
    }
}
