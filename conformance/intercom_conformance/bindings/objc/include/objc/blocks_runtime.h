/** GNUstep's headers ask for this file of libobjc2; GCC's runtime has none. */
#include <Block.h>
