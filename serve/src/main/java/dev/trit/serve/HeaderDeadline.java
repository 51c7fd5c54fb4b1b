package dev.trit.serve;

import io.helidon.http.Headers;
import io.helidon.http.HttpPrologue;
import io.helidon.webserver.ConnectionContext;
import io.helidon.webserver.http1.Http1ConnectionListener;
import java.time.Duration;

/**
 * Ends connections whose request line has come but whose headers do not: {@link Exchange} waits for bodies only, and
 * Helidon's own limit for idle connections does not count one that sends a byte now and then.
 */
final class HeaderDeadline implements Http1ConnectionListener {
    private final Duration patience;
    private final ThreadLocal<Deadline> running = new ThreadLocal<>(); // a connection has a thread of its own

    HeaderDeadline(Duration patience) {
        this.patience = patience;
    }

    @Override
    public void prologue(ConnectionContext connection, HttpPrologue prologue) {
        running.set(new Deadline(patience));
    }

    @Override
    public void headers(ConnectionContext connection, Headers headers) {
        Deadline deadline = running.get();
        if (deadline != null) {
            deadline.close();
            running.remove();
        }
    }
}
