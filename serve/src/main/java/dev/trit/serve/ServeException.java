package dev.trit.serve;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A request cannot be answered, or a server cannot start. Requests get it as an HTTP status and an error in OpenAI's shape;
 * the message says what was wrong, expected and got. The one exception of this module.
 */
public final class ServeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;
    private final @Nullable String code;
    private final @Nullable String param;
    private final transient @Nullable Duration retryAfter;

    private ServeException(
            int status,
            String type,
            @Nullable String code,
            @Nullable String param,
            @Nullable Duration retryAfter,
            String message,
            @Nullable Throwable cause) {
        super(message, cause);
        this.status = status;
        this.type = type;
        this.code = code;
        this.param = param;
        this.retryAfter = retryAfter;
    }

    /** The server cannot start. */
    static ServeException atStart(String message, @Nullable Throwable cause) {
        return new ServeException(500, "server_error", null, null, null, message, cause);
    }

    /** The request is wrong. @param param the member of the body that is, or null for all of it */
    static ServeException invalid(@Nullable String param, String message) {
        return new ServeException(400, "invalid_request_error", "invalid_value", param, null, message, null);
    }

    /** The request does not fit the context. */
    static ServeException tooLong(String message) {
        return new ServeException(
                400, "invalid_request_error", "context_length_exceeded", "messages", null, message, null);
    }

    /** The body is larger than the server takes. */
    static ServeException tooLarge(int limit) {
        return new ServeException(
                413,
                "invalid_request_error",
                "body_too_large",
                null,
                null,
                "the body is larger than " + limit + " bytes",
                null);
    }

    /** No key, or a wrong one. */
    static ServeException unauthorized() {
        return new ServeException(
                401,
                "invalid_request_error",
                "invalid_api_key",
                null,
                null,
                "this server wants an API key: send 'Authorization: Bearer KEY'",
                null);
    }

    /** Refused, whatever the body says. */
    static ServeException forbidden(String message) {
        return new ServeException(403, "invalid_request_error", "forbidden", null, null, message, null);
    }

    /** No such address. */
    static ServeException noRoute(String method, String path) {
        return new ServeException(
                404,
                "invalid_request_error",
                "unknown_url",
                null,
                null,
                "unknown address: " + method + " " + path,
                null);
    }

    /** The address is known, the method is not. */
    static ServeException wrongMethod(String method, String path) {
        return new ServeException(
                405,
                "invalid_request_error",
                "method_not_allowed",
                null,
                null,
                path + " does not take " + method,
                null);
    }

    /** No such model. */
    static ServeException noModel(String message) {
        return new ServeException(404, "invalid_request_error", "model_not_found", "model", null, message, null);
    }

    /** Too many requests wait already. */
    static ServeException busy(String message, Duration retryAfter) {
        return new ServeException(429, "rate_limit_error", "queue_full", null, retryAfter, message, null);
    }

    /** Not now: shutting down, or no memory for the model. */
    static ServeException unavailable(String message, Duration retryAfter) {
        return new ServeException(503, "server_error", "unavailable", null, retryAfter, message, null);
    }

    /** The server's own fault. */
    static ServeException internal(String message, @Nullable Throwable cause) {
        return new ServeException(500, "server_error", null, null, null, message, cause);
    }

    /** The HTTP status. */
    public int status() {
        return status;
    }

    /** When to try again, or null. */
    public @Nullable Duration retryAfter() {
        return retryAfter;
    }

    /** The body of the answer: {@code {"error": {"message", "type", "param", "code"}}}. */
    Object body() {
        return Json.object("error", Json.object("message", getMessage(), "type", type, "param", param, "code", code));
    }
}
