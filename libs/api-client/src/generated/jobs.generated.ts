/** Made by `npm run generate` from the OpenAPI document of the service. Do not edit. */
export interface paths {
    "/api/v1/events": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * Every change of a job or an environment that the caller may see, in order, as server-sent events.
         *
         *     Events `job` and `environment` carry the object as data. With `job=<id>` also `line`, `gap` and `end` of that
         *     job's log, so that one stream per browser tab is enough. Without `Last-Event-ID` it begins now (and with the
         *     log's first line); `reset` says that events since then are no longer kept: load lists anew.
         */
        get: operations["Events_stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Jobs that the caller may see, newest first. */
        get: operations["Jobs_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** One job: who requested it, what it waits for, and each attempt with its phases. */
        get: operations["Jobs_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/cancel": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Cancels a job.
         *
         *     A waiting job is cancelled at once; a running one is asked to stop and becomes cancelled when it has. 409
         *     `job_finished` or `already_committed` when it is too late.
         */
        post: operations["Jobs_cancel"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/logs": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of a job so far.
         *
         *     All attempts, older ones first. A run of lines that was left out stands as one line in brackets (text) or as
         *     `{"epoch","from","to","bytes"}` (ndjson), with `"reason":"retention"` when it was removed because of its age.
         */
        get: operations["Logs_read"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/logs/stream": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /**
         * The log of a job as server-sent events, from its first line on.
         *
         *     Events `line` and `gap` (id `<epoch>-<seq>`), and `end` with the job as data when it is finished, after which
         *     the stream closes. Give `Last-Event-ID` to go on after a line.
         */
        get: operations["Logs_stream"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/jobs/{id}/retry": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /**
         * Requests a failed or cancelled job again, as a new job.
         *
         *     It does what the old one was to do; `packages` and `pypi_packages` replace what that one named. 409
         *     `not_retryable` when the job is not over, has succeeded, or what it was to change is no longer there.
         */
        post: operations["Jobs_retry"];
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/queue": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** What waits, what runs, and how much room there is. */
        get: operations["Queue_get"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        /** Workers that have joined and are not gone, the oldest first. */
        get: operations["Workers_list"];
        put?: never;
        post?: never;
        delete?: never;
        options?: never;
        head?: never;
        patch?: never;
        trace?: never;
    };
    "/api/v1/workers/{id}/drain": {
        parameters: {
            query?: never;
            header?: never;
            path?: never;
            cookie?: never;
        };
        get?: never;
        put?: never;
        /** Takes no new jobs on a worker, for example before its machine is stopped; what runs on it goes on. */
        post: operations["Workers_drain"];
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
        AttemptDto: {
            /**
             * Format: date-time
             * @description Until when it may run.
             */
            deadline_at: string | null;
            /** Format: date-time */
            ended_at: string | null;
            /** @description From 1; lines of the log carry it as `epoch`. */
            number: number;
            /** @description How it ended; null while it runs. */
            outcome: components["schemas"]["AttemptOutcome"] | null;
            /** Format: date-time */
            started_at: string;
            /** @description Milliseconds of each phase that was finished. */
            timings: {
                [key: string]: number;
            };
            /** @description Name of the worker; null when it is no longer known. */
            worker: string | null;
        };
        /**
         * @description How it ended; null while it runs.
         * @enum {string}
         */
        AttemptOutcome: "completed" | "failed" | "cancelled" | "retry" | "released" | "lost";
        DrainBody: {
            /**
             * @description `true`: no new jobs on this worker; `false`: it takes jobs again.
             * @default true
             */
            drain: boolean;
        };
        /**
         * @description Who has to act: the person who asked, the people who run Darb, or its developers.
         * @enum {string}
         */
        ErrorFamily: "user" | "operational" | "bug";
        InterpreterDto: {
            implementation: string;
            /** @description Full version, for example `3.12.1`. */
            version: string;
        };
        JobDetailDto: {
            /** @description Number of the current attempt, from 1. */
            attempt: number;
            attempts: components["schemas"]["AttemptDto"][];
            /** Format: date-time */
            cancel_requested_at: string | null;
            /** @description Id of the user who cancelled it. */
            cancel_requested_by: string | null;
            cancel_requested_by_name: string | null;
            /** @description The whole change, in the words of its request; documents as `{"sha256": …}`. */
            change: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            created_at: string;
            /** @description Null for work on a store; so is the name. */
            environment_id: string | null;
            /** @description The environment's name when the job was requested. */
            environment_name: string | null;
            error: components["schemas"]["JobErrorDto"] | null;
            /** Format: date-time */
            finished_at: string | null;
            /** @description UUIDv7. */
            id: string;
            max_attempts: number;
            /** @description Specs or names as they were typed. */
            packages: string[];
            /** @description Higher goes first within an organization. */
            priority: number;
            progress: components["schemas"]["JobProgressDto"] | null;
            /** @description Id of the user who requested it; null when Darb itself did. */
            requested_by: string | null;
            requested_by_name: string | null;
            /** @description What it made, for example `{"revision": 3}`. */
            result: {
                [key: string]: unknown;
            } | null;
            /** @description The job that this one repeats. */
            retry_of: string | null;
            /** Format: date-time */
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
            subject: components["schemas"]["SubjectDto"];
            /** @description Longest time of one attempt, where the request said one. */
            timeout_seconds: number | null;
            type: components["schemas"]["JobType"];
            /** @description What a pending job waits for, as a sentence; null when it does not wait. */
            waiting_for: string | null;
            /** @description The earlier job that a waiting one waits for. */
            waiting_for_job_id: string | null;
        };
        JobDto: {
            /** @description Number of the current attempt, from 1. */
            attempt: number;
            /** Format: date-time */
            cancel_requested_at: string | null;
            /** @description Id of the user who cancelled it. */
            cancel_requested_by: string | null;
            /** @description The whole change, in the words of its request; documents as `{"sha256": …}`. */
            change: {
                [key: string]: unknown;
            };
            /** Format: date-time */
            created_at: string;
            /** @description Null for work on a store; so is the name. */
            environment_id: string | null;
            /** @description The environment's name when the job was requested. */
            environment_name: string | null;
            error: components["schemas"]["JobErrorDto"] | null;
            /** Format: date-time */
            finished_at: string | null;
            /** @description UUIDv7. */
            id: string;
            max_attempts: number;
            /** @description Specs or names as they were typed. */
            packages: string[];
            /** @description Higher goes first within an organization. */
            priority: number;
            progress: components["schemas"]["JobProgressDto"] | null;
            /** @description Id of the user who requested it; null when Darb itself did. */
            requested_by: string | null;
            /** @description What it made, for example `{"revision": 3}`. */
            result: {
                [key: string]: unknown;
            } | null;
            /** @description The job that this one repeats. */
            retry_of: string | null;
            /** Format: date-time */
            started_at: string | null;
            status: components["schemas"]["JobStatus"];
            subject: components["schemas"]["SubjectDto"];
            /** @description Longest time of one attempt, where the request said one. */
            timeout_seconds: number | null;
            type: components["schemas"]["JobType"];
            /** @description What a pending job waits for, as a sentence; null when it does not wait. */
            waiting_for: string | null;
        };
        JobErrorDto: {
            /** @description Stable code, for example `unsatisfiable`, `needs_source_build`, `cancelled`. */
            code: string;
            /** @description The tool's own message, cut to what matters. */
            extract: string | null;
            /** @description Who has to act: the person who asked, the people who run Darb, or its developers. */
            family: components["schemas"]["ErrorFamily"];
            /** @description A sentence for people. */
            message: string;
        };
        JobListDto: {
            items: components["schemas"]["JobDto"][];
            /** @description Give it as `cursor` for the next page; null on the last one. */
            next_cursor: string | null;
        };
        /** @enum {string} */
        JobPhase: "solve" | "install" | "verify" | "publish";
        JobProgressDto: {
            /** @description Units of the phase that are done; null when unknown. */
            done: number | null;
            phase: components["schemas"]["JobPhase"];
            /** @description Units of the phase altogether; null when unknown. */
            total: number | null;
        };
        /** @enum {string} */
        JobStatus: "pending" | "running" | "completed" | "failed" | "cancelled";
        /** @enum {string} */
        JobType: "create" | "install" | "remove" | "update" | "apply" | "import" | "rollback" | "clone" | "plan" | "delete" | "export" | "verify" | "repair" | "collect";
        LogGapDto: {
            /** @description Size of what is missing; 0 when unknown. */
            bytes: number;
            epoch: number;
            from: number;
            /**
             * @description `retention`: the lines were removed because of their age.
             * @enum {string}
             */
            reason?: "retention";
            to: number;
        };
        LogLineDto: {
            /** @description Number of the claim that wrote it. */
            epoch: number;
            phase: components["schemas"]["JobPhase"] | null;
            /** @description Rises from 1 without holes within an epoch. */
            seq: number;
            /** @enum {string} */
            stream: "stdout" | "stderr" | "darb";
            text: string;
            /** Format: date-time */
            time: string;
        };
        /** @enum {string} */
        PackageManager: "pixi" | "uv";
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
        QueueDto: {
            /** @description Age of the oldest pending job in seconds; null when there is none. */
            oldest_pending_seconds: number | null;
            /** @description Jobs that nobody runs yet. */
            pending: number;
            /** @description Jobs that are running. */
            running: number;
            /** @description Jobs that all live workers together can run at a time. */
            slots: number;
            /** @description Slots that are taken, by anybody's jobs. */
            slots_used: number;
            waiting: components["schemas"]["WaitingReasonDto"][];
        };
        RetryJobBody: {
            /** @description In place of the job's own specs or names. */
            packages?: string[];
            /** @description pixi only: in place of the job's own PyPI specs. */
            pypi_packages?: string[];
        };
        SubjectDto: {
            id: string;
            type: components["schemas"]["SubjectType"];
        };
        /** @enum {string} */
        SubjectType: "environment" | "store";
        WaitingReasonDto: {
            jobs: number;
            /** @description As in a job's `waiting_for`; null: for its turn to be looked at. */
            waiting_for: string | null;
        };
        WorkerDto: {
            /** @description An administrator wants no new jobs on it. */
            drain_requested: boolean;
            /** Format: date-time */
            heartbeat_at: string;
            id: string;
            labels: {
                [key: string]: string;
            };
            managers: components["schemas"]["WorkerManagerDto"][];
            name: string;
            /** @description For example `linux-64`. */
            platform: string;
            /** Format: date-time */
            registered_at: string;
            /** @description Jobs that it runs now. */
            running: number;
            sandbox: components["schemas"]["WorkerSandboxDto"];
            /** @description Jobs that it can run at a time. */
            slots: number;
            /**
             * @description `live`: reports and takes jobs. `draining`: takes no new ones. `silent`: has not reported for a while.
             * @enum {string}
             */
            status: "live" | "draining" | "silent";
            store: components["schemas"]["WorkerStoreDto"];
            version: string;
        };
        WorkerListDto: {
            items: components["schemas"]["WorkerDto"][];
            /** @description Always null: all of them fit on one page. */
            next_cursor: string | null;
        };
        WorkerManagerDto: {
            available: boolean;
            interpreters: components["schemas"]["InterpreterDto"][];
            /** @description Why it is absent and how to install it; null when it is there. */
            reason: string | null;
            type: components["schemas"]["PackageManager"];
            version: string | null;
        };
        WorkerSandboxDto: {
            /** @description Limits that are really enforced, for example `memory`, `pids`, `disk`. */
            limits: string[];
            /** @enum {string} */
            mode: "bwrap" | "off";
            /** @description Why it is off; null when it is on. */
            reason: string | null;
        };
        WorkerStoreDto: {
            /** @description Null until the worker has told. */
            free_bytes: number | null;
            id: string;
            root: string;
            total_bytes: number | null;
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
    Events_stream: {
        parameters: {
            query?: {
                /** @description Also stream this job's log. */
                job?: string;
                /** @description Id of the last event already seen; the header `Last-Event-ID` comes before it. */
                last_event_id?: string;
            };
            header?: {
                /** @description Id of the last event seen. */
                "Last-Event-ID"?: string;
            };
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
                    "text/event-stream": string;
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
    Jobs_list: {
        parameters: {
            query?: {
                /** @description next_cursor of the page before; same filters only. */
                cursor?: string;
                /** @description Only jobs of this environment. */
                environment_id?: string;
                /** @description Most items to answer. */
                limit?: number;
                /** @description Only jobs that this user asked for; `me` is you. */
                requested_by?: string;
                /** @description Only jobs in one of these statuses, separated by commas. */
                status?: string;
                /** @description Only jobs of this type. */
                type?: components["schemas"]["JobType"];
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
                    "application/json": components["schemas"]["JobListDto"];
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
    Jobs_get: {
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
                    "application/json": components["schemas"]["JobDetailDto"];
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
    Jobs_cancel: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe. */
                "Idempotency-Key"?: string;
            };
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
    Logs_read: {
        parameters: {
            query?: {
                /** @description `gzip`: as a compressed file. With `Accept-Encoding: gzip` it is only sent compressed. */
                compress?: "gzip";
                /** @description `true`: as a file to be saved, with a name. */
                download?: boolean;
                /** @description Only this attempt; without it all of them, older ones first (with `from_seq`: the latest). */
                epoch?: number;
                /** @description `text`: what the tools wrote, ANSI colours included. `ndjson`: one log line or gap as JSON per line. */
                format?: "text" | "ndjson";
                /** @description First line to answer, from 1. */
                from_seq?: number;
                /** @description Most lines to answer. */
                limit?: number;
                /** @description Only lines that contain this text; upper and lower case count as the same, colours are ignored. */
                q?: string;
                /** @description Only the last so many lines; not together with `from_seq`, `limit` or `q`. */
                tail?: number;
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
                    "application/x-ndjson": string;
                    "text/plain": string;
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
    Logs_stream: {
        parameters: {
            query?: {
                /** @description `<epoch>-<seq>` of the last line already seen; the header `Last-Event-ID` comes before it. */
                last_event_id?: string;
            };
            header?: {
                /** @description `<epoch>-<seq>` of the last line seen. */
                "Last-Event-ID"?: string;
            };
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
                    "text/event-stream": string;
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
    Jobs_retry: {
        parameters: {
            query?: never;
            header?: {
                /** @description Makes a repeated request safe. */
                "Idempotency-Key"?: string;
            };
            path: {
                id: string;
            };
            cookie?: never;
        };
        requestBody: {
            content: {
                "application/json": components["schemas"]["RetryJobBody"];
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
    Queue_get: {
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
                    "application/json": components["schemas"]["QueueDto"];
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
    Workers_list: {
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
                    "application/json": components["schemas"]["WorkerListDto"];
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
    Workers_drain: {
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
                "application/json": components["schemas"]["DrainBody"];
            };
        };
        responses: {
            200: {
                headers: {
                    [name: string]: unknown;
                };
                content: {
                    "application/json": components["schemas"]["WorkerDto"];
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
