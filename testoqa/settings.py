"""The settings of the site, read from the environment and safe by default."""

from datetime import timedelta
from pathlib import Path

from django.utils.csp import CSP

from testoqa import environment, logs, postgres, secrets

BASE_DIR = Path(__file__).resolve().parent.parent
DATA = environment.folder("TESTOQA_DATA", BASE_DIR / "var")
HTTPS = environment.switch("TESTOQA_HTTPS")
MIB = 1024 * 1024

# The site

DEBUG = environment.switch("TESTOQA_DEBUG")
SECRET_KEY = environment.text("TESTOQA_SECRET_KEY") or secrets.secret_key(DATA)
ALLOWED_HOSTS = environment.listing("TESTOQA_HOSTS", "localhost,127.0.0.1,[::1]")
CSRF_TRUSTED_ORIGINS = environment.listing("TESTOQA_TRUSTED_ORIGINS")
ROOT_URLCONF = "testoqa.urls"
ASGI_APPLICATION = "testoqa.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = True

INSTALLED_APPS = [
    "testoqa",
    "apps.accounts",
    "apps.projects",
    "apps.memberships",
    "apps.artifacts",
    "apps.cases",
    "apps.runs",
    "apps.executions",
    "apps.reports",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "axes",
    "channels",
    "django_filters",
    "django_htmx",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "procrastinate.contrib.django",
    "rest_framework",
    "testoqa.apps.AdministrationConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "testoqa.middleware.HeadersMiddleware",
    "testoqa.files.StaticFilesMiddleware",
    "apps.accounts.middleware.ActorMiddleware",
    "testoqa.logs.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "testoqa.middleware.CharsetMiddleware",
    "testoqa.middleware.AddressMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "testoqa.middleware.MethodMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "apps.accounts.middleware.ReaderMiddleware",
    "apps.accounts.middleware.SeenMiddleware",
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

# The database

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **(environment.database("DATABASE_URL") or postgres.connection_settings(DATA)),
    }
}
DATABASES["default"].setdefault("OPTIONS", {})["pool"] = {
    "min_size": 1,
    "max_size": environment.whole("TESTOQA_DATABASE_CONNECTIONS", 16),
    "timeout": 30,
}

# People

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "apps.cases.bell.PersonBackend",
]
PASSWORD_HASHERS = [  # the first hashes; the others are read, and replaced at the next sign-in
    f"django.contrib.auth.hashers.{name}PasswordHasher"
    for name in ("Argon2", "PBKDF2", "PBKDF2SHA1", "Scrypt")
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
SIGNUP = environment.choice("TESTOQA_SIGNUP", ("invited", "closed", "open"))
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "projects:list"
ACCOUNT_ADAPTER = "apps.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"  # of those who signed up by themselves
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_FORMS = {
    "signup": "apps.accounts.forms.SignUpForm",
    "reset_password": "apps.accounts.forms.ResetForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"
ACCOUNT_REAUTHENTICATION_TIMEOUT = 15 * 60
ACCOUNT_EMAIL_SUBJECT_PREFIX = "TestoQA: "
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = "https" if HTTPS else "http"
MFA_ADAPTER = "apps.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "TestoQA"
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
ANONYMOUS_USER_NAME = None
# Pages, API and sockets ask the door for permissions (apps/projects/door.py), never a backend.
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]

# Single sign-on, by one provider of OpenID Connect

OIDC_ISSUER = environment.text("TESTOQA_OIDC_ISSUER").rstrip("/")
OIDC_NAME = environment.text("TESTOQA_OIDC_NAME", "single sign-on")
OIDC_PROVIDER_ID = "sso"
SOCIALACCOUNT_ADAPTER = "apps.accounts.adapter.SocialAccountAdapter"
SOCIALACCOUNT_REAUTHENTICATION_REQUIRED = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True  # where the provider has verified the address
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
# By a link, not a form: the policy's form-action would hold for every host on the way after it.
SOCIALACCOUNT_LOGIN_ON_GET = True
SOCIALACCOUNT_PROVIDERS = {
    "openid_connect": {
        "OAUTH_PKCE_ENABLED": True,
        "APPS": [
            {
                "provider_id": OIDC_PROVIDER_ID,
                "name": OIDC_NAME,
                **environment.together(
                    OIDC_ISSUER,
                    client_id="TESTOQA_OIDC_CLIENT_ID",
                    secret="TESTOQA_OIDC_CLIENT_SECRET",
                ),
                "settings": {"server_url": OIDC_ISSUER},
            }
        ]
        if OIDC_ISSUER
        else [],
    }
}

# Lock-outs after wrong passwords, counted by apps/accounts/lockouts.py

AXES_HANDLER = "apps.accounts.lockouts.LockOuts"
AXES_LOCKOUT_CALLABLE = "apps.accounts.lockouts.locked_out"
AXES_CLIENT_IP_CALLABLE = "apps.accounts.middleware.client_address"
AXES_USERNAME_CALLABLE = "apps.accounts.lockouts.account_named"
AXES_USERNAME_FORM_FIELD = "login"
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]
AXES_FAILURE_LIMIT = 5  # wrong passwords for one account
ADDRESS_FAILURE_LIMIT = 25  # from one address, for whatever accounts
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # the instance's own trail tells it
AXES_ENABLE_ADMIN = False
AXES_SENSITIVE_PARAMETERS = ["username", "ip_address", "csrfmiddlewaretoken"]
AXES_VERBOSE = False

# Security

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SESSION_COOKIE_NAME = "__Host-testoqa" if HTTPS else "testoqa"
CSRF_COOKIE_NAME = "__Host-testoqa-csrf" if HTTPS else "testoqa-csrf"
CSRF_COOKIE_HTTPONLY = False
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
TRUST_PROXY = environment.switch("TESTOQA_TRUST_PROXY")
if TRUST_PROXY:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "connect-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}

# Sizes, in bytes; testoqa/limits.py refuses larger bodies before Django sees them.

MAX_BODY = 1 * MIB
MAX_BATCH = environment.whole("TESTOQA_MAX_BATCH_MB", 32) * MIB
MAX_IMPORT = environment.whole("TESTOQA_MAX_IMPORT_MB", 512) * MIB
MAX_CASE_IMPORT = environment.whole("TESTOQA_MAX_CASE_IMPORT_MB", 100) * MIB
MAX_ARTIFACT = environment.whole("TESTOQA_MAX_ARTIFACT_MB", 100) * MIB
QUICK_IMPORT = environment.whole("TESTOQA_QUICK_IMPORT_MB", 5, least=0) * MIB
DATA_UPLOAD_MAX_MEMORY_SIZE = max(MAX_BODY, MAX_BATCH)
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1 * MIB
FILE_UPLOAD_PERMISSIONS = 0o600  # whatever the mode of the folder around them
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# Requests of the API in a minute, 0 for any number; testoqa/rates.py counts them in each process.

RATE_LIMIT = environment.whole("TESTOQA_RATE_LIMIT", 3000, least=0)
RATE_LIMIT_ADDRESS = environment.whole("TESTOQA_RATE_LIMIT_ADDRESS", 300, least=0)

BODY_PATIENCE = 30  # seconds without a byte, after which a body is given up

# Live pages, in seconds

LIVE_HEARTBEAT = 15
LIVE_CHECK = 8  # between two looks at who may still watch; ten are promised

# Files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60
MEDIA_ROOT = DATA / "files"
S3_BUCKET = environment.text("TESTOQA_S3_BUCKET")
STORAGES = {
    "default": {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": environment.text("TESTOQA_S3_ENDPOINT") or None,
            "region_name": environment.text("TESTOQA_S3_REGION") or None,
            "default_acl": None,
            "file_overwrite": False,
            "max_memory_size": 2 * MIB,  # else a file is read into memory whole
        },
    }
    if S3_BUCKET
    else {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

# E-mail

DEFAULT_FROM_EMAIL = environment.text("TESTOQA_FROM_EMAIL", "TestoQA <testoqa@localhost>")
SMTP_HOST = environment.text("TESTOQA_SMTP_HOST")
MAILERS = {
    "default": {
        "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "OPTIONS": {
            "host": SMTP_HOST,
            "port": environment.whole("TESTOQA_SMTP_PORT", 587),
            "username": environment.text("TESTOQA_SMTP_USER"),
            "password": environment.text("TESTOQA_SMTP_PASSWORD"),
            "use_tls": environment.switch("TESTOQA_SMTP_TLS", default=True),
            "timeout": 10,
        },
    }
    if SMTP_HOST
    else {"BACKEND": "django.core.mail.backends.console.EmailBackend"}
}

# The API

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.memberships.api.authentication.TokenAuthentication",
        "apps.memberships.api.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "apps.memberships.api.scopes.WithinScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.projects.api.parsers.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "apps.projects.api.pagination.CursorPages",
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.projects.api.problems.problem_response",
    "URL_FORMAT_OVERRIDE": None,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "TestoQA",
    "DESCRIPTION": "Test cases, runs and results of a project, for scripts and CI.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "testoqa.openapi.describe_refusals",
    ],
    "ENUM_NAME_OVERRIDES": {
        "BulkChangeState": "apps.cases.models.BulkChange.State",
        "CaseKind": "apps.cases.models.Case.Kind",
        "CaseStatus": "apps.cases.models.Case.Status",
        "ExecutionState": "apps.executions.models.Execution.State",
        "ExecutionStatus": "apps.executions.models.Execution.Status",
        "DeletionState": [("deleting", "deleting")],
        "EvaluationKind": "apps.executions.models.Evaluation.Kind",
        "ImportState": "apps.executions.models.Import.State",
        "InvitationState": "apps.memberships.models.Invitation.State",
        "KnownVerdict": "apps.executions.models.KNOWN_VERDICTS",
        "Role": "apps.projects.permissions.Role",
        "RunKind": "apps.runs.models.Run.Kind",
        "RunState": "apps.runs.models.Run.State",
        "RunStatus": "apps.runs.models.Run.Status",
        "RunVerdict": "apps.runs.models.Run.Verdict",
        "TokenState": "apps.memberships.models.ApiToken.State",
        "Verdict": "apps.executions.models.Verdict",
    },
}

# Time and language

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = False
USE_THOUSAND_SEPARATOR = True

# Logs

LOGGING = logs.settings_of(
    environment.choice("TESTOQA_LOG_FORMAT", ("plain", "json")),
    environment.text("TESTOQA_LOG_LEVEL", "WARNING"),
)
