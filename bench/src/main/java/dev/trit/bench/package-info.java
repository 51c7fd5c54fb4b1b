/** JMH benchmarks, each of which checks its own result first. */
@NullMarked
package dev.trit.bench;

import org.jspecify.annotations.NullMarked;
