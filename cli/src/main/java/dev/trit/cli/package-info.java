/** The trit command: one class per subcommand. */
@NullMarked
package dev.trit.cli;

import org.jspecify.annotations.NullMarked;
