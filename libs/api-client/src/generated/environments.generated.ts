/** Made by `npm run generate` from the OpenAPI document of the service. Do not edit. */
export interface paths {
    "/api/v1/environments": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Environments that you may see, newest first. */
        get: operations["Environments_list"];
        put?: never;
        /** Makes an environment; its first revision is made by the job in the answer. */
        post: operations["Environments_create"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One environment. Its ETag is the number of its newest revision. */
        get: operations["Environments_find"];
        put?: never;
        post?: never;
        /** Deletes an environment: waiting changes are cancelled, the running one is stopped, then its folder goes. */
        delete: operations["Environments_delete"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{id}/lockfile": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Lockfile of the newest revision; the bare file with `Accept: text/plain`. */
        get: operations["Revisions_lockfile"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{id}/manifest": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Manifest of the newest revision; the bare file with `Accept: text/plain`. */
        get: operations["Revisions_manifest"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{id}/packages": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What the newest revision holds, by name. */
        get: operations["Packages_list"];
        put?: never;
        /** Adds packages: a job solves, builds a new revision beside the old one, and switches to it. */
        post: operations["Packages_add"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{id}/packages/{package}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        post?: never;
        /** Removes a package that somebody asked for; what only came along with it goes too. */
        delete: operations["Packages_remove"];
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{id}/revisions": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Revisions of an environment, newest first. */
        get: operations["Revisions_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{id}/revisions/{number}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One revision. */
        get: operations["Revisions_find"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/environments/{id}/update": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Solves again for newer versions, as far as the manifest allows, and installs what changed. */
        post: operations["Environments_update"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/package-managers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** pixi and uv: whether workers have them, in which versions, with which Pythons. */
        get: operations["PackageManagers_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Stores: their space, their trees, and what a collection would delete. */
        get: operations["Storage_summarize"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage/collect": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Deletes trees that nothing needs and that are older than the retention; with `dry_run` only says which. */
        post: operations["Storage_collect"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/storage/verify": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Looks at every tree and link; with `repair` damaged trees that revisions need are built again. */
        post: operations["Storage_verify"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
}
export type webhooks = Record<string, never>;
export interface components {
    schemas: {
        AddPackagesBody: {
            /**
             * @description One spec or more: PEP 508 for uv, MatchSpec for pixi.
             * @default []
             */
            packages: string[];
            /** @description pixi only: PEP 508 specs of packages from PyPI. */
            pypi_packages?: string[];
        };
        CollectBody: {
            /**
             * @description `true`: only say what would be deleted.
             * @default false
             */
            dry_run: boolean;
            /**
             * Format: uuid
             * @description Only this store; left out: every one.
             */
            store_id?: string;
        };
        CreatedEnvironmentDto: {
            /** @description The change that runs, or the next one that will. */
            active_job_id: string | null;
            channels: string[];
            /** Format: date-time */
            created_at: string;
            description: string;
            id: string;
            /** @description The job that makes the first revision. */
            job: components["schemas"]["JobDto"];
            labels: {
                [key: string]: string;
            };
            /** @description Why the last change failed; the environment itself may well be ready. */
            last_error: components["schemas"]["LastErrorDto"] | null;
            name: string;
            organization_id: string;
            /** @description Id of the user who made it. */
            owner_id: string;
            package_count: number | null;
            /** @enum {string} */
            package_manager: "pixi" | "uv";
            /** @description Folder of the newest revision on the workers' disk; its files never change. */
            path: string | null;
            platforms: string[];
            /** @description The Python that it has; before the first revision the one asked for. */
            python: string | null;
            /** @description Number of the newest revision; also the ETag. */
            revision: number | null;
            size_bytes: number | null;
            /** @enum {string} */
            status: "pending" | "creating" | "ready" | "updating" | "failed" | "deleting" | "deleted";
            /** Format: date-time */
            updated_at: string;
        };
        CreateEnvironmentBody: {
            /** @description pixi only; left out: conda-forge. */
            channels?: string[];
            description?: string;
            labels?: {
                [key: string]: string;
            };
            /** @description The lockfile that goes with `manifest`. */
            lockfile?: string;
            /** @description A whole `pyproject.toml` or `pixi.toml` in place of `packages`. */
            manifest?: string;
            /** @description Unique in its organization: letters, digits, dots, dashes and underscores. */
            name: string;
            /** @description Id or name of the organization that owns it; left out: your personal one. */
            organization?: string;
            /**
             * @description Left out: the default of this Darb, see `GET /package-managers`.
             * @enum {string}
             */
            package_manager?: "pixi" | "uv";
            /** @description Specs to install at once: PEP 508 for uv, MatchSpec for pixi. */
            packages?: string[];
            /** @description pixi only: PEP 508 specs of packages from PyPI. */
            pypi_packages?: string[];
            /** @description Version of Python, for example `3.12` or `>=3.11,<3.13`; left out: the newest that workers have. */
            python?: string;
        };
        EnvironmentDto: {
            /** @description The change that runs, or the next one that will. */
            active_job_id: string | null;
            channels: string[];
            /** Format: date-time */
            created_at: string;
            description: string;
            id: string;
            labels: {
                [key: string]: string;
            };
            /** @description Why the last change failed; the environment itself may well be ready. */
            last_error: components["schemas"]["LastErrorDto"] | null;
            name: string;
            organization_id: string;
            /** @description Id of the user who made it. */
            owner_id: string;
            package_count: number | null;
            /** @enum {string} */
            package_manager: "pixi" | "uv";
            /** @description Folder of the newest revision on the workers' disk; its files never change. */
            path: string | null;
            platforms: string[];
            /** @description The Python that it has; before the first revision the one asked for. */
            python: string | null;
            /** @description Number of the newest revision; also the ETag. */
            revision: number | null;
            size_bytes: number | null;
            /** @enum {string} */
            status: "pending" | "creating" | "ready" | "updating" | "failed" | "deleting" | "deleted";
            /** Format: date-time */
            updated_at: string;
        };
        EnvironmentPageDto: {
            items: components["schemas"]["EnvironmentDto"][];
            /** @description Give it as `cursor` for the next page; null at the end. */
            next_cursor: string | null;
        };
        JobDto: {
            attempt: number;
            /** Format: date-time */
            cancel_requested_at: string | null;
            cancel_requested_by: string | null;
            /** @description The whole change, in the words of its request; documents as `{"sha256": …}`. */
            change: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            created_at: string;
            environment_id: string | null;
            environment_name: string | null;
            error: components["schemas"]["JobErrorDto"] | null;
            /** Format: date-time */
            finished_at: string | null;
            id: string;
            max_attempts: number;
            /** @description Specs or names as they were typed. */
            packages: string[];
            priority: number;
            progress: components["schemas"]["JobProgressDto"] | null;
            /** @description Id of the user. */
            requested_by: string | null;
            result: {
                [key: string]: unknown;
            } | null;
            /** @description The job that this one repeats. */
            retry_of: string | null;
            /** Format: date-time */
            started_at: string | null;
            /** @enum {string} */
            status: "pending" | "running" | "completed" | "failed" | "cancelled";
            subject: components["schemas"]["SubjectDto"];
            timeout_seconds: number | null;
            /** @enum {string} */
            type: "create" | "install" | "remove" | "update" | "apply" | "import" | "rollback" | "clone" | "plan" | "delete" | "export" | "verify" | "repair" | "collect";
            /** @description Why a pending job does not run yet. */
            waiting_for: string | null;
        };
        JobErrorDto: {
            code: string;
            /** @description The tool's own message. */
            extract: string | null;
            /** @enum {string} */
            family: "user" | "operational" | "bug";
            /** @description What went wrong and what to do next. */
            message: string;
        };
        JobProgressDto: {
            done: number | null;
            /** @enum {string} */
            phase: "solve" | "install" | "verify" | "publish";
            total: number | null;
        };
        LastCollectionDto: {
            /** Format: date-time */
            finished_at: string;
            job_id: string;
            result: {
                [key: string]: unknown;
            } | null;
        };
        LastErrorDto: {
            code: string;
            message: string;
        };
        LockfileDto: {
            /** @description `uv.lock` or `pixi.lock`. */
            filename: string;
            lockfile: string;
            revision: number;
        };
        ManifestDto: {
            /** @description `pyproject.toml` or `pixi.toml`. */
            filename: string;
            manifest: string;
            revision: number;
        };
        PackageDto: {
            build: string | null;
            channel: string | null;
            /** @description Whether somebody asked for it, or it came along as a dependency. */
            explicit: boolean;
            /** @enum {string} */
            kind: "conda" | "pypi";
            license: string | null;
            name: string;
            /** @description The spec as typed. */
            requested: string | null;
            size_bytes: number | null;
            version: string;
        };
        PackageManagerDto: {
            /** @description Whether a worker that was seen in the last 24 hours has it. */
            available: boolean;
            /** @description Whether an environment that names no package manager gets this one. */
            default: boolean;
            /** @description Versions of Python that uv environments can have, newest first. */
            python_versions: string[];
            /** @description Why it is absent and how to install it; null when it is available. */
            reason: string | null;
            /** @enum {string} */
            type: "pixi" | "uv";
            /** @description Versions that workers have, newest first. */
            versions: string[];
        };
        PackageManagerListDto: {
            items: components["schemas"]["PackageManagerDto"][];
            next_cursor: string | null;
        };
        PackagePageDto: {
            items: components["schemas"]["PackageDto"][];
            next_cursor: string | null;
        };
        Problem: {
            /** @description Stable; made for programs. */
            code: string;
            /** @description One sentence that says what to do. */
            detail: string;
            errors?: {
                code: string;
                field: string;
                message: string;
                /** @description Character offset in the value. */
                position?: number | null;
            }[];
            request_id: string | null;
            status: number;
            title: string;
            type: string;
        };
        RetentionDto: {
            /** @description How long a tree is kept that no revision needs. */
            tree_seconds: number;
        };
        RevisionDto: {
            /** Format: date-time */
            created_at: string;
            /** @description Id of the user; null when Darb itself made it. */
            created_by: string | null;
            /** @description Whether it is the newest one, which `current` points at. */
            current: boolean;
            /** @description sha256 of all that determines the tree; equal digests share one tree. */
            digest: string;
            job_id: string;
            number: number;
            package_count: number;
            /** @description Specs or names of the change that made it. */
            packages: string[];
            path: string | null;
            python_version: string | null;
            /**
             * @description Why it was made.
             * @enum {string}
             */
            reason: "create" | "install" | "remove" | "update" | "apply" | "import" | "rollback" | "clone" | "plan" | "delete" | "export" | "verify" | "repair" | "collect";
            size_bytes: number | null;
            /** @description Version of the package manager that made it. */
            tool_version: string | null;
            /** @description What the check of its files found odd, but no fault. */
            warnings: string[];
        };
        RevisionPageDto: {
            items: components["schemas"]["RevisionDto"][];
            next_cursor: string | null;
        };
        StorageDto: {
            retention: components["schemas"]["RetentionDto"];
            stores: components["schemas"]["StoreDto"][];
        };
        StoreDto: {
            /** @description Trees that a collection would delete now. */
            collectable: components["schemas"]["TreeCountDto"];
            /** @description Trees that were found changed or missing and that are not built again yet. */
            damaged: components["schemas"]["TreeCountDto"];
            /** @description Free and total space of its file system in bytes; null until a worker has told. */
            free_bytes: number | null;
            id: string;
            last_collection: components["schemas"]["LastCollectionDto"] | null;
            live_workers: number;
            /** @description Where its workers see it. */
            root: string;
            total_bytes: number | null;
            /** @description Trees that are ready. */
            trees: components["schemas"]["TreeCountDto"];
            /** Format: date-time */
            verified_at: string | null;
        };
        StoreJobsDto: {
            /** @description One job for each store. */
            jobs: components["schemas"]["JobDto"][];
        };
        SubjectDto: {
            id: string;
            type: components["schemas"]["SubjectType"];
        };
        /** @enum {string} */
        SubjectType: "environment" | "store";
        TreeCountDto: {
            bytes: number;
            count: number;
        };
        UpdateBody: {
            /** @description Names to update; left out: everything, as far as the manifest allows. */
            packages?: string[];
        };
        VerifyBody: {
            /**
             * @description `true`: build damaged trees again instead of looking for them.
             * @default false
             */
            repair: boolean;
            /**
             * Format: uuid
             * @description Only this store; left out: every one.
             */
            store_id?: string;
        };
    };
    responses: never;
    parameters: never;
    requestBodies: never;
    headers: never;
    pathItems: never;
}
export type $defs = Record<string, never>;
export interface operations {
    Environments_list: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before; same filters only. */
                cursor?: string;
                /** @description Most items to answer. */
                limit?: number;
                package_manager?: "pixi" | "uv";
                /** @description Part of the name, whatever the case. */
                q?: string;
                status?: "pending" | "creating" | "ready" | "updating" | "failed" | "deleting" | "deleted";
            };
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentPageDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Environments_create: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CreateEnvironmentBody"];
            };
        };
        responses: {
            201: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["CreatedEnvironmentDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Environments_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["EnvironmentDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Environments_delete: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Revisions_lockfile: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["LockfileDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Revisions_manifest: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["ManifestDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Packages_list: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before; same filters only. */
                cursor?: string;
                /** @description `true`: only what was asked for; `false`: only what came along. */
                explicit?: "true" | "false";
                /** @description Most items to answer. */
                limit?: number;
                /** @description Part of the name. */
                q?: string;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackagePageDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Packages_add: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["AddPackagesBody"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Packages_remove: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                package: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Revisions_list: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before; same filters only. */
                cursor?: string;
                /** @description Most items to answer. */
                limit?: number;
            };
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevisionPageDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Revisions_find: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
                number: string;
            };
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["RevisionDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Environments_update: {
        parameters: {
            query?: never;
            header?: never;
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["UpdateBody"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["JobDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    PackageManagers_list: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["PackageManagerListDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Storage_summarize: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody?: never;
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StorageDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Storage_collect: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["CollectBody"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoreJobsDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
    Storage_verify: {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["VerifyBody"];
            };
        };
        responses: {
            202: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["StoreJobsDto"];
                };
            };
            /** @description Anything else is a problem (RFC 9457) with a stable code. */
            default: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/problem+json": components["schemas"]["Problem"];
                };
            };
        };
    };
}
