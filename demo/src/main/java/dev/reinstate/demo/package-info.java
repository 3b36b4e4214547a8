/**
 * A small but real SaaS to run the whole of Reinstate on: three products in shared tables on an embedded PostgreSQL,
 * simulated users, and a script that deletes the wrong sites.
 *
 * <ol>
 *   <li>The demo is a <em>user</em> of Reinstate. It shares no code with it and runs its verbs as processes, through
 *       {@link dev.reinstate.demo.ReinstateCommand}.
 *   <li>Nothing it proves rests on what Reinstate says. The oracle ({@code oracle}) records rows with plain SQL while the
 *       writers wait at a gate ({@code saas}), and compares with plain SQL.
 *   <li>Everything lives in one directory: the server's data, the archive, the configuration, logs and the oracle's
 *       rows. A demo that ends well, or is interrupted, stops its processes and removes the directory; one that failed
 *       leaves the files for looking at; one that was killed leaves its processes, which the next demo finds by the pids
 *       recorded in {@code demo.json}, stops and removes.
 * </ol>
 */
@NullMarked
package dev.reinstate.demo;

import org.jspecify.annotations.NullMarked;
