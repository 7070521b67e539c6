/** The kit's JSON-RPC over stdin and stdout, one message a line, and what the harness keeps between messages. */
#import "Harness.h"

/** A value of JSON text that the other end wrote, which is trusted to be well-formed. */
id readJson(const char *line);

/** The next message; nil at the end of the input. */
NSDictionary *readMessage(void);
void sendMessage(NSDictionary *message);

@interface Native (Harness)
/** Runs what is to be run until nothing is left but to wait for the kit. */
+ (void)settle;
+ (void)answer:(NSDictionary *)params;
+ (void)forget;
@end

/** What the app sees of a request, until it is answered. */
@interface Reaction : NSObject
+ (void)add:(NSDictionary *)settled;
/** An exception that nobody caught: on a device it ends the app. */
+ (void)crash:(NSException *)exception;
/** The reaction as it stands; the next one begins. */
+ (NSDictionary *)finish;
@end
