package dev.trit.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FairQueueTest {
    @Test
    void clientsTakeTurnsAndKeepTheirOrder() {
        FairQueue<String> queue = new FairQueue<>();
        for (String item : List.of("a1", "a2", "a3", "a4", "b1", "c1", "c2")) {
            queue.add(item.substring(0, 1), item);
        }
        assertThat(queue.takeIf(item -> item.equals("a3"))).containsExactly("a3");
        assertThat(queue.peek()).isEqualTo("a1");
        List<String> order = new ArrayList<>();
        order.add(queue.take());
        queue.add("d", "d1");
        while (queue.size() > 0) {
            order.add(queue.take());
        }
        assertThat(order).containsExactly("a1", "b1", "c1", "a2", "d1", "c2", "a4");
        assertThat(queue.peek()).isNull();
    }
}
