/* SPDX-License-Identifier: MPL-2.0 */
int crooked( int value );/* refused */

int straight(int value);
