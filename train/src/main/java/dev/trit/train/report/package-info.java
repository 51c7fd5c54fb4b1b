/** What a run leaves to look at: metrics as JSON lines, TensorBoard events, and a report that is one HTML file. */
@NullMarked
package dev.trit.train.report;

import org.jspecify.annotations.NullMarked;
