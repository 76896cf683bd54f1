//! What a function serves, and its part of the contract, both from one list of handlers.

/// From the handlers of a function, `module::handler`, its `router()` and its `document()`.
///
/// They are two functions because no request needs the document: without it the first answer of a cold `people` costs a third
/// less processor time.
#[macro_export]
macro_rules! routes {
    ($($module:ident::$handler:ident),+ $(,)?) => {
        /// What it serves.
        pub fn router() -> ::axum::Router<App> {
            use ::utoipa::Path as _;
            use ::utoipa_axum::PathItemExt as _;
            ::utoipa_axum::paste! {
                ::axum::Router::new()$(.route(
                    &$module::[<__path_ $handler>]::path(),
                    $module::[<__path_ $handler>]::methods()
                        .iter()
                        .fold(::axum::routing::MethodRouter::new(), |on, method| {
                            on.on(method.to_method_filter(), $module::$handler)
                        }),
                ))+
            }
        }

        /// Its part of the contract.
        pub fn document() -> ::utoipa::openapi::OpenApi {
            ::utoipa_axum::router::OpenApiRouter::<App>::with_openapi($crate::document::base())
                $(.routes(::utoipa_axum::routes!($module::$handler)))+
                .into_openapi()
        }
    };
}
